// SPDX-License-Identifier: GPL-2.0

//! The kernel's own events: context switches, interrupts and softirqs.

use kernel::{
    fmt,
    prelude::*,
    sync::atomic::Atomic, //
};
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
    Counter,
    Group,
    Record, //
};

// Other modules may read what this CPU counted, by one instruction. What they write is theirs to
// answer for: it moves the totals.
define_per_cpu! {
    /// Switches from one task to another.
    pub static NR_SWITCHES: u64 = 0;
    /// Handlers of device interrupts that were run.
    pub static NR_HARDIRQS: u64 = 0;
    /// Handlers of softirqs that were run.
    pub static NR_SOFTIRQS: u64 = 0;
}

/// The `Kernel` block.
pub(crate) struct Kernel {
    departed: [Atomic<u64>; 3],
}

impl Kernel {
    /// Counters of events from now on.
    pub(crate) fn new() -> Self {
        Self {
            departed: [const { Atomic::new(0) }; 3],
        }
    }
}

impl Record for Kernel {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kernel")
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        let slots: [(&'static str, &'static PerCpu<u64>); 3] = [
            ("nr_switches", NR_SWITCHES.as_allocated()),
            ("nr_hardirqs", NR_HARDIRQS.as_allocated()),
            ("nr_softirqs", NR_SOFTIRQS.as_allocated()),
        ];
        let &(key, slot) = slots.get(index)?;

        Some(Counter {
            key,
            slot,
            departed: self.departed.get(index)?,
        })
    }
}

impl Group for Kernel {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        if from == 0 {
            to(0, self);
        }
    }

    fn slots(&self) -> usize {
        self.departed.len()
    }
}

/// What `kernel.rs` attaches to the kernel's tracepoints.
#[pin_data]
pub(crate) struct KernelProbes {
    #[pin]
    switches: Registration<SchedSwitch, PerCpu<u64, NR_SWITCHES>>,
    #[pin]
    hardirqs: Registration<IrqHandlerEntry, PerCpu<u64, NR_HARDIRQS>>,
    #[pin]
    softirqs: Registration<SoftirqEntry, PerCpu<u64, NR_SOFTIRQS>>,
}

impl KernelProbes {
    /// Begins to count.
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            switches <- Registration::new(NR_SWITCHES),
            hardirqs <- Registration::new(NR_HARDIRQS),
            softirqs <- Registration::new(NR_SOFTIRQS),
        }? Error)
    }
}
