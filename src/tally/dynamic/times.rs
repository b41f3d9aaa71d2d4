// SPDX-License-Identifier: GPL-2.0

//! The `Time` records: how long it takes from one event to another, or a handler to run.
//!
//! Both ends of an interval are on the same CPU.

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
        HandlerTimes,
        Interval,
        Lengths,
        Probes, //
    }, //
};

use super::{
    command::{
        Pair,
        Pattern,
        Verb, //
    },
    handlers,
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
    list::Listed,
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
    type Name = Arc<Span>;
    type Record = Time;
    type Attached = Attached;

    const OWN_SLOTS: usize = Lengths::SIZE / size_of::<u64>();

    fn new_record(&self, span: &Arc<Span>) -> Result<Time> {
        let charge = Charge::new(Lengths::SIZE)?;

        Ok(Time {
            header: match &span.end {
                Some(end) => Header::new(fmt!("Time {}..{end}", span.begin))?,
                None => Header::new(fmt!("Time {}", span.begin))?,
            },
            measure: match &span.end {
                Some(_) => Measure::Interval(Interval::new(GFP_KERNEL_ACCOUNT)?),
                None => {
                    let handler = handlers::find(span.begin.parts()).ok_or(ENOENT)?;
                    Measure::Handler(HandlerTimes::new(handler, GFP_KERNEL_ACCOUNT)?)
                }
            },
            cells: Cells::new(&KEYS),
            _charge: charge,
        })
    }

    fn attach(
        &self,
        probes: &Probes,
        span: &Arc<Span>,
        listed: &Listed<Time>,
        may_defer: bool,
    ) -> Result<Attached> {
        let begin = &span.begin;
        let interval = match &listed.entry.record.measure {
            Measure::Interval(interval) => interval,
            Measure::Handler(times) => {
                return HandlerTimes::attach(times, probes, begin).map(Attached::Pair);
            }
        };

        Ok(match &span.end {
            Some(end) if end.parts() != begin.parts() => Attached::Pair([
                attach(probes, begin, Interval::begin(interval), may_defer)?,
                attach(probes, end, Interval::end(interval), may_defer)?,
            ]),
            _ => Attached::Lap(attach(probes, begin, Interval::lap(interval), may_defer)?),
        })
    }

    fn forget(time: &Time, cpu: &DeadCpu<'_>) {
        time.measure.interval().forget(cpu);
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

/// Names the two events between which the time is measured, or a handler, which has no other end.
pub(super) struct Span {
    begin: Arc<EventName>,
    end: Option<Arc<EventName>>,
}

impl Name for Arc<Span> {
    type Key<'a> = ((&'a CStr, &'a CStr), Option<(&'a CStr, &'a CStr)>);

    fn key(&self) -> Self::Key<'_> {
        (self.begin.parts(), self.end.as_ref().map(|end| end.parts()))
    }

    fn compare(&self, key: Self::Key<'_>) -> Ordering {
        self.key().cmp(&key)
    }
}

/// Holds what measures the time.
enum Measure {
    Interval(Arc<Interval>),
    Handler(Arc<HandlerTimes>),
}

impl Measure {
    /// Returns what it counts in.
    fn interval(&self) -> &Interval {
        match self {
            Self::Interval(interval) => interval,
            Self::Handler(times) => times,
        }
    }
}

/// Counts intervals by their lengths.
pub(super) struct Time {
    header: Header,
    measure: Measure,
    cells: Cells<NR_SLOTS>,
    _charge: Charge,
}

impl Record for Time {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        let interval = self.measure.interval();

        f(self
            .cells
            .counters(&slots(&[interval.sum_ns(), interval.unpaired()], interval)));
    }
}

impl Plan<'_, Times> {
    /// Plans what one command says of a pair of events.
    pub(super) fn apply(&mut self, verb: Verb, pair: Pair<'_>) -> Result {
        let [begin, end] = pair.names();
        if let Verb::Stop = verb {
            return self.stop(|span| span.compare((begin, Some(end))).is_eq());
        }

        let place = self.place((begin, Some(end)))?;
        let may_defer = matches!(verb, Verb::Defer);
        for name in [begin, end] {
            self.find_tracepoint(name, may_defer)?;
        }
        self.add(place, || span(begin, Some(end)), may_defer)
    }

    /// Plans what one command says of handlers. With `+` an interrupt line may have no handler yet.
    pub(super) fn apply_to_handlers(&mut self, verb: Verb, pattern: &Pattern<'_>) -> Result {
        match (verb, pattern.name()) {
            (Verb::Stop, _) => self.stop(|span| {
                let (kind, handler) = span.begin.parts();
                span.end.is_none() && pattern.matches(kind, handler)
            }),
            (_, Some(name)) => {
                let place = self.place((name, None))?;

                handlers::find(name)
                    .filter(|handler| matches!(verb, Verb::Defer) || handlers::is_there(*handler))
                    .ok_or(ENOENT)?;
                self.add(place, || span(name, None), false)
            }
            (_, None) => {
                let mut result = Err(ENOENT);
                handlers::for_each(pattern, |name| {
                    result = self.add_of_glob(result, (name, None), || span(name, None))?;
                    Ok(())
                })?;
                result
            }
        }
    }
}

/// Copies the names of what is measured.
fn span(begin: (&CStr, &CStr), end: Option<(&CStr, &CStr)>) -> Result<Arc<Span>> {
    let span = Span {
        begin: event_name(begin)?,
        end: end.map(event_name).transpose()?,
    };
    Ok(Arc::new(span, GFP_KERNEL_ACCOUNT)?)
}
