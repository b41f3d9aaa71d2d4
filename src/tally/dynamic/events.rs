// SPDX-License-Identifier: GPL-2.0

//! Events of the kernel and of modules, chosen while the machine runs.

use core::cmp::Ordering;

use kernel::{
    fmt,
    prelude::*,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::{
    percpu::{
        Slot,
        Slots, //
    },
    tracepoint::{
        Attachment,
        EventName,
        Probes, //
    }, //
};

use crate::{
    dynamic::{
        attach,
        control::{
            Pattern,
            Verb, //
        },
        event_name,
        Kind,
        Name,
        Plan, //
    },
    limits::Charge,
    record::{
        Counter,
        Record, //
    }, //
};

/// The `Event` blocks.
pub(crate) struct Events {
    slots: Pin<KBox<Slots>>,
}

impl Events {
    /// Memory for none.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            slots: KBox::pin_init(Slots::new(), GFP_KERNEL)?,
        })
    }
}

impl Kind for Events {
    type Name = Arc<EventName>;
    type Block = Event;
    type Attached = [Attachment; 1];

    fn block(&self, name: &Arc<EventName>) -> Result<Event> {
        let charge = Charge::new(size_of::<u64>())?;

        Ok(Event {
            name: name.clone(),
            slot: self.slots.alloc(GFP_KERNEL_ACCOUNT)?,
            departed: Atomic::new(0),
            _charge: charge,
        })
    }

    fn attach(
        probes: &Probes,
        name: &Arc<EventName>,
        event: &Event,
        is_wish: bool,
    ) -> Result<[Attachment; 1]> {
        Ok([attach(probes, name, event.slot.clone(), is_wish)?])
    }

    fn trim(&self) {
        self.slots.trim();
    }

    fn slots(&self, _blocks: usize) -> usize {
        self.slots.capacity()
    }
}

impl Name for Arc<EventName> {
    type Key<'a> = (&'a CStr, &'a CStr);

    fn key(&self) -> (&CStr, &CStr) {
        self.parts()
    }

    fn compare(&self, key: (&CStr, &CStr)) -> Ordering {
        self.parts().cmp(&key)
    }
}

/// An `Event` block.
pub(crate) struct Event {
    name: Arc<EventName>,
    slot: Slot,
    departed: Atomic<u64>,
    _charge: Charge,
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

impl Plan<'_, Events> {
    /// Obeys one command.
    pub(crate) fn obey(&mut self, verb: Verb, pattern: &Pattern<'_>) -> Result {
        match (verb, pattern.name()) {
            (Verb::Count, Some(name)) => self.choose(name, false),
            (Verb::Count, None) => self.count_all(pattern),
            (Verb::Wish, name) => self.choose(name.ok_or(EINVAL)?, true),
            (Verb::Stop, _) => self.stop(|name| {
                let (system, event) = name.parts();
                pattern.matches(system, event)
            }),
        }
    }

    fn choose(&mut self, name: (&CStr, &CStr), is_wish: bool) -> Result {
        let place = self.place(name)?;

        self.find(name, is_wish)?;
        self.add(place, || event_name(name), is_wish)
    }

    fn count_all(&mut self, pattern: &Pattern<'_>) -> Result {
        let before = self.len();
        let mut matches = false;

        self.probes.for_each_event(|system, event| {
            if !pattern.matches(system, event) {
                return Ok(());
            }
            matches = true;
            match self.place((system, event)) {
                Ok(place) => self.add(place, || event_name((system, event)), false),
                Err(_) => Ok(()),
            }
        })?;

        match (matches, self.len() == before) {
            (false, _) => Err(ENOENT),
            (true, true) => Err(EEXIST),
            (true, false) => Ok(()),
        }
    }
}
