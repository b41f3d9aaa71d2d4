// SPDX-License-Identifier: GPL-2.0

//! The `Time` records: how long it takes from one event to another on the same CPU.

use core::cmp::Ordering;

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    cpuhp::DeadCpu,
    tracepoint::{
        EventName,
        EventRegistration,
        Interval,
        Lengths,
        Probes, //
    }, //
};

use super::{
    command::{
        Pair,
        Verb, //
    },
    kind::{
        attach,
        event_name,
        Kind,
        Name, //
    },
    lengths::{
        keys,
        slots, //
    },
    plan::Plan, //
};
use crate::{
    limits::Charge,
    record::{
        Cells,
        Counters,
        Header,
        Key,
        Record, //
    }, //
};

/// Says how many counters a `Time` has.
const NR_SLOTS: usize = 2 + Lengths::BUCKETS;

/// Names the counters, in the order of the file.
static KEYS: [Key; NR_SLOTS] = keys(&["sum_ns", "unpaired"]);

/// Makes `Time` records, each of which has memory of its own.
pub(super) struct Times;

impl Kind for Times {
    type Name = Arc<Ends>;
    type Record = Time;
    type Attached = Attached;

    const OWN_SLOTS: usize = Lengths::SIZE / size_of::<u64>();

    fn new_record(&self, ends: &Arc<Ends>) -> Result<Time> {
        let charge = Charge::new(Lengths::SIZE)?;

        Ok(Time {
            header: Header::new(fmt!("Time {}..{}", ends.begin, ends.end))?,
            interval: Interval::new(GFP_KERNEL_ACCOUNT)?,
            cells: Cells::new(&KEYS),
            _charge: charge,
        })
    }

    fn attach(probes: &Probes, ends: &Arc<Ends>, time: &Time, may_defer: bool) -> Result<Attached> {
        let (begin, end) = (&ends.begin, &ends.end);
        let interval = &time.interval;

        Ok(if begin.parts() == end.parts() {
            Attached::Lap(attach(probes, begin, Interval::lap(interval), may_defer)?)
        } else {
            Attached::Pair([
                attach(probes, begin, Interval::begin(interval), may_defer)?,
                attach(probes, end, Interval::end(interval), may_defer)?,
            ])
        })
    }

    fn forget(time: &Time, cpu: &DeadCpu<'_>) {
        time.interval.forget(cpu);
    }
}

/// Holds the probes of a `Time` record.
pub(super) enum Attached {
    /// One on the event that begins the interval, one on the event that ends it.
    Pair([EventRegistration; 2]),
    /// One on the event that both ends an interval and begins the next.
    Lap(EventRegistration),
}

impl AsMut<[EventRegistration]> for Attached {
    fn as_mut(&mut self) -> &mut [EventRegistration] {
        match self {
            Self::Pair(pair) => pair,
            Self::Lap(lap) => lap.as_mut(),
        }
    }
}

/// Names the two events between which the time is measured.
pub(super) struct Ends {
    begin: Arc<EventName>,
    end: Arc<EventName>,
}

impl Name for Arc<Ends> {
    type Key<'a> = ((&'a CStr, &'a CStr), (&'a CStr, &'a CStr));

    fn key(&self) -> Self::Key<'_> {
        (self.begin.parts(), self.end.parts())
    }

    fn compare(&self, key: Self::Key<'_>) -> Ordering {
        (self.begin.parts(), self.end.parts()).cmp(&key)
    }
}

/// Counts the intervals between two events by their lengths.
pub(super) struct Time {
    header: Header,
    interval: Arc<Interval>,
    cells: Cells<NR_SLOTS>,
    _charge: Charge,
}

impl Record for Time {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        let interval = &self.interval;

        f(self
            .cells
            .counters(&slots(&[interval.sum_ns(), interval.unpaired()], interval)));
    }
}

impl Plan<'_, Times> {
    /// Plans what one command says.
    pub(super) fn apply(&mut self, verb: Verb, pair: Pair<'_>) -> Result {
        let [begin, end] = pair.names();
        if let Verb::Stop = verb {
            return self.stop(|ends| ends.compare((begin, end)).is_eq());
        }

        let place = self.place((begin, end))?;
        let may_defer = matches!(verb, Verb::Defer);
        for name in [begin, end] {
            self.find_tracepoint(name, may_defer)?;
        }

        let ends = || {
            let ends = Ends {
                begin: event_name(begin)?,
                end: event_name(end)?,
            };
            Ok(Arc::new(ends, GFP_KERNEL_ACCOUNT)?)
        };
        self.add(place, ends, may_defer)
    }
}
