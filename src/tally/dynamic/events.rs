// SPDX-License-Identifier: GPL-2.0

//! The `Event` records: how often an event of the kernel, or of a module, has happened.
//!
//! Those of exits of system calls also tell how many of the calls have failed.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    percpu::{
        Slot,
        Slots, //
    },
    tracepoint::{
        ErrorSlots,
        EventName,
        EventRegistration,
        Probes, //
    }, //
};

use super::{
    command::{
        Pattern,
        Verb,
        FUNCTION, //
    },
    kind::{
        attach,
        event_name,
        Kind, //
    },
    list::Listed,
    plan::Plan, //
};
use crate::{
    limits::{
        max_events,
        Charge, //
    },
    record::{
        Cells,
        Counters,
        Header,
        Key,
        Record, //
    }, //
};

/// Names the counters. Events that know no errors have the first one alone.
static KEYS: [Key; 2] = [Key::new("count"), Key::new("errors")];

/// Counts one event.
enum Counter {
    /// How often it happens.
    Plain(Slot),
    /// How often it happens, and how often with an error.
    WithErrors(ErrorSlots),
}

/// Makes `Event` records, each of which has one slot or two in memory that all of them share.
pub(super) struct Events {
    slots: Pin<KBox<Slots>>,
}

impl Events {
    /// Allocates nothing for slots yet. May sleep.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            slots: KBox::pin_init(Slots::new(), GFP_KERNEL)?,
        })
    }
}

impl Kind for Events {
    type Name = Arc<EventName>;
    type Record = Event;
    type Attached = [EventRegistration; 1];

    const OWN_SLOTS: usize = 0;

    fn new_record(&self, name: &Arc<EventName>) -> Result<Event> {
        let has_errors = name.is_syscall_exit();
        let charge = Charge::new(if has_errors { 2 } else { 1 } * size_of::<u64>())?;
        let count = self.slots.alloc(GFP_KERNEL_ACCOUNT)?;

        Ok(Event {
            header: Header::new(fmt!("Event {name}"))?,
            counter: if has_errors {
                let errors = self.slots.alloc(GFP_KERNEL_ACCOUNT)?;
                Counter::WithErrors(ErrorSlots { count, errors })
            } else {
                Counter::Plain(count)
            },
            cells: Cells::new(&KEYS),
            _charge: charge,
        })
    }

    fn attach(
        &self,
        probes: &Probes,
        name: &Arc<EventName>,
        listed: &Listed<Event>,
        may_defer: bool,
    ) -> Result<[EventRegistration; 1]> {
        Ok([match &listed.entry.record.counter {
            Counter::Plain(slot) => attach(probes, name, slot.clone(), may_defer)?,
            Counter::WithErrors(slots) => attach(probes, name, slots.clone(), may_defer)?,
        }])
    }

    fn shared_slots(&self) -> usize {
        self.slots.capacity()
    }

    fn trim(&self) {
        self.slots.trim();
    }
}

/// Counts how often one event has happened.
pub(super) struct Event {
    header: Header,
    counter: Counter,
    cells: Cells<{ KEYS.len() }>,
    _charge: Charge,
}

impl Record for Event {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        match &self.counter {
            Counter::Plain(slot) => f(self.cells.first_counters(&[slot])),
            Counter::WithErrors(slots) => f(self.cells.counters(&[&slots.count, &slots.errors])),
        }
    }
}

impl Plan<'_, Events> {
    /// Plans what one command says.
    pub(super) fn apply(&mut self, verb: Verb, pattern: &Pattern<'_>) -> Result {
        match (verb, pattern.name()) {
            (Verb::Count, Some(name)) => self.count(name, false),
            (Verb::Count, None) => self.count_all(pattern),
            (Verb::Defer, name) => self.count(name.ok_or(EINVAL)?, true),
            (Verb::Stop, _) => self.stop(|name| {
                let (system, event) = name.parts();
                pattern.matches(system, event)
            }),
        }
    }

    /// Plans to count one event.
    fn count(&mut self, name: (&CStr, &CStr), may_defer: bool) -> Result {
        let place = self.place(name)?;

        self.find(name, may_defer)?;
        self.add(place, || event_name(name), may_defer)
    }

    /// Plans to count all events that match and are not counted yet. Fails with `ENOENT` if none
    /// matches, and with `EEXIST` if all that match are counted.
    fn count_all(&mut self, pattern: &Pattern<'_>) -> Result {
        let before = self.len();
        let mut matches = false;

        let probes = self.probes;
        let mut count = |system: &CStr, event: &CStr| {
            if !pattern.matches(system, event) {
                return Ok(());
            }
            matches = true;
            match self.place((system, event)) {
                Ok(place) => self.add(place, || event_name((system, event)), false),
                Err(_) => Ok(()),
            }
        };
        if pattern.is_of_functions() {
            probes.for_each_function(
                max_events(),
                |name| pattern.matches(FUNCTION, name),
                |name| count(FUNCTION, name),
            )?;
        } else {
            probes.for_each_event(count)?;
        }

        match (matches, self.len() == before) {
            (false, _) => Err(ENOENT),
            (true, true) => Err(EEXIST),
            (true, false) => Ok(()),
        }
    }
}
