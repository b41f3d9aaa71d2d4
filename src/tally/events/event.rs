// SPDX-License-Identifier: GPL-2.0

//! One event: its block, and what it counts in.

use kernel::{
    fmt,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    percpu::{
        Slot,
        Slots, //
    },
    tracepoint::EventName, //
};

use crate::{
    limits::Charge,
    record::{
        Counter,
        Record, //
    }, //
};

/// An `Event` block.
pub(super) struct Event {
    number: usize,
    name: Arc<EventName>,
    slot: Slot,
    departed: Atomic<u64>,
    shown: Atomic<bool>,
    _charge: Charge,
}

impl Event {
    /// An event that nobody is shown yet, with nothing counted.
    pub(super) fn new(number: usize, name: Arc<EventName>, slots: &Slots) -> Result<Self> {
        let charge = Charge::new(size_of::<u64>())?;

        Ok(Self {
            number,
            name,
            slot: slots.alloc(GFP_KERNEL_ACCOUNT)?,
            departed: Atomic::new(0),
            shown: Atomic::new(false),
            _charge: charge,
        })
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn name(&self) -> &Arc<EventName> {
        &self.name
    }

    /// What its probe counts in.
    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Whether readers see it. What they do not see is about to be counted, or no more.
    pub(super) fn is_shown(&self) -> bool {
        self.shown.load(Relaxed)
    }

    /// Shows it to readers, or hides it.
    pub(super) fn show(&self, shown: bool) {
        self.shown.store(shown, Relaxed);
    }
}

impl Record for Event {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("Event {}", &*self.name))
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        (index == 0).then_some(Counter {
            key: "count",
            slot: &self.slot,
            departed: &self.departed,
        })
    }
}
