// SPDX-License-Identifier: GPL-2.0

//! The kernel's own events: context switches, interrupts and softirqs.

use core::ops::ControlFlow;

use kernel::prelude::*;
use kernel_ext::{
    define_per_cpu,
    percpu::PerCpu,
    tracepoint::{
        IrqHandlerEntry,
        Registration,
        SchedSwitch,
        SoftirqEntry, //
    }, //
};

use crate::record::{
    Cells,
    Counters,
    Key,
    Record,
    RecordSource,
    Stats, //
};

// They are `pub` so that other modules can read what this CPU has counted, by one instruction. A module
// that writes to them moves the totals, which is its own fault.
define_per_cpu! {
    /// Counts switches from one task to another.
    pub static NR_SWITCHES: u64 = 0;
    /// Counts handlers of device interrupts that were run.
    pub static NR_HARDIRQS: u64 = 0;
    /// Counts handlers of softirqs that were run.
    pub static NR_SOFTIRQS: u64 = 0;
}

/// Says how many counters there are.
const NR_SLOTS: usize = 3;

/// Names the counters, in the order of the file.
static KEYS: [Key; NR_SLOTS] = [
    Key::new("nr_switches"),
    Key::new("nr_hardirqs"),
    Key::new("nr_softirqs"),
];

/// Holds the `Kernel` record.
pub(crate) struct Kernel {
    cells: Cells<NR_SLOTS>,
}

impl Kernel {
    /// Makes the record, with all counters at zero.
    pub(crate) fn new() -> Self {
        Self {
            cells: Cells::new(&KEYS),
        }
    }
}

impl Record for Kernel {
    fn header(&self) -> &[u8] {
        b"Kernel\n"
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        f(self.cells.counters(&[
            NR_SWITCHES.as_allocated(),
            NR_HARDIRQS.as_allocated(),
            NR_SOFTIRQS.as_allocated(),
        ]));
    }
}

impl RecordSource for Kernel {
    fn try_for_each(
        &self,
        from: usize,
        f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if from == 0 {
            f(0, self)?;
        }
        ControlFlow::Continue(())
    }

    fn stats(&self) -> Stats {
        Stats {
            records: 1,
            slots: NR_SLOTS,
            ..Stats::default()
        }
    }
}

/// Holds the probes that count for the `Kernel` record. Dropping it detaches them.
#[pin_data(PinnedDrop)]
pub(crate) struct KernelProbes {
    #[pin]
    switches: Registration<SchedSwitch, PerCpu<u64, NR_SWITCHES>>,
    #[pin]
    hardirqs: Registration<IrqHandlerEntry, PerCpu<u64, NR_HARDIRQS>>,
    #[pin]
    softirqs: Registration<SoftirqEntry, PerCpu<u64, NR_SOFTIRQS>>,
}

impl KernelProbes {
    /// Attaches the probes. Sleeps.
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            switches <- Registration::new(NR_SWITCHES),
            hardirqs <- Registration::new(NR_HARDIRQS),
            softirqs <- Registration::new(NR_SOFTIRQS),
        }? Error)
    }
}

#[pinned_drop]
impl PinnedDrop for KernelProbes {
    fn drop(self: Pin<&mut Self>) {
        // One wait for a grace period does for all that are off by then.
        let this = self.project();
        this.switches.detach();
        this.hardirqs.detach();
        this.softirqs.detach();
    }
}
