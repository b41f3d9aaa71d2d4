// SPDX-License-Identifier: GPL-2.0

//! Safe code does not say what data a probe has: its address must stay good while the probe is on.
//! error: the trait `ProbeData` requires an `unsafe impl` declaration

use kernel_ext::{
    percpu::{
        PerCpu,
        Slot, //
    },
    tracepoint::ProbeData, //
};

struct Data(Slot);

impl ProbeData for Data {
    type Probe = PerCpu<u64>;

    fn probe(&self) -> &PerCpu<u64> {
        &self.0
    }
}
