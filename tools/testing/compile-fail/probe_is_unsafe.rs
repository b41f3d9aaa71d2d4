// SPDX-License-Identifier: GPL-2.0

//! Safe code does not say what a tracepoint does: here it would sleep under a runqueue's lock.
//! error: the trait `Probe<SchedSwitch>` requires an `unsafe impl` declaration

use kernel::time::{
    delay::fsleep,
    Delta, //
};
use kernel_ext::tracepoint::{
    Probe,
    SchedSwitch,
    Tracepoint, //
};

struct Sleeper;

impl Probe<SchedSwitch> for Sleeper {
    fn call(&self, _args: <SchedSwitch as Tracepoint>::Args<'_>) {
        fsleep(Delta::from_millis(1));
    }
}
