// SPDX-License-Identifier: GPL-2.0

//! Another crate than the test's, which makes what the test drops.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    define_per_cpu,
    percpu::{
        PerCpu,
        Slot, //
    },
    tracepoint::{
        EventName,
        EventRegistration,
        Probes,
        Registration,
        SchedSwitch, //
    }, //
};

define_per_cpu! {
    /// Switches from one task to another, while somebody watches.
    pub static SWITCHES: u64 = 0;
}

/// Watches switches.
#[pin_data]
pub struct Watch {
    #[pin]
    attached: Registration<SchedSwitch, PerCpu<u64, SWITCHES>>,
}

/// Begins to watch.
#[inline(never)]
pub fn watch() -> Result<Pin<KBox<Watch>>> {
    KBox::pin_init(
        try_pin_init!(Watch {
            attached <- Registration::new(SWITCHES),
        }? Error),
        GFP_KERNEL,
    )
}

/// Counts an event in a slot.
#[inline(never)]
pub fn attach(probes: &Probes, name: Arc<EventName>, slot: Slot) -> Result<EventRegistration> {
    probes.attach(name, slot)
}
