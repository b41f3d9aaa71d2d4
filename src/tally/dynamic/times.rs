// SPDX-License-Identifier: GPL-2.0

//! The time between two events on the same CPU, chosen while the machine runs.

mod keys;

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
    cpuhp::DeadCpu,
    tracepoint::{
        Attachment,
        EventName,
        Interval,
        Probes, //
    }, //
};

use self::keys::KEYS;
use crate::{
    dynamic::{
        attach,
        control::{
            Pair,
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

/// The `Time` blocks.
pub(crate) struct Times;

impl Kind for Times {
    type Name = Arc<Ends>;
    type Block = Time;
    type Attached = Attached;

    fn block(&self, ends: &Arc<Ends>) -> Result<Time> {
        let charge = Charge::new(Interval::SIZE)?;

        Ok(Time {
            ends: ends.clone(),
            interval: Interval::new(GFP_KERNEL_ACCOUNT)?,
            departed: [const { Atomic::new(0) }; KEYS.len()],
            _charge: charge,
        })
    }

    fn attach(probes: &Probes, ends: &Arc<Ends>, time: &Time, is_wish: bool) -> Result<Attached> {
        let (begin, end) = (&ends.begin, &ends.end);
        let interval = &time.interval;

        Ok(if begin.parts() == end.parts() {
            Attached::Lap(attach(probes, begin, Interval::lap(interval), is_wish)?)
        } else {
            Attached::Pair([
                attach(probes, begin, Interval::begin(interval), is_wish)?,
                attach(probes, end, Interval::end(interval), is_wish)?,
            ])
        })
    }

    fn forget(time: &Time, cpu: &DeadCpu<'_>) {
        time.interval.forget(cpu);
    }

    fn slots(&self, blocks: usize) -> usize {
        blocks.wrapping_mul(Interval::SIZE / size_of::<u64>())
    }
}

/// The probes of a block.
pub(crate) enum Attached {
    Pair([Attachment; 2]),
    /// One event both ends an interval and begins the next.
    Lap(Attachment),
}

impl AsMut<[Attachment]> for Attached {
    fn as_mut(&mut self) -> &mut [Attachment] {
        match self {
            Self::Pair(pair) => pair,
            Self::Lap(lap) => lap.as_mut(),
        }
    }
}

/// The two events.
pub(crate) struct Ends {
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

/// A `Time` block.
pub(crate) struct Time {
    ends: Arc<Ends>,
    interval: Arc<Interval>,
    departed: [Atomic<u64>; KEYS.len()],
    _charge: Charge,
}

impl Record for Time {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ends { begin, end } = &*self.ends;
        f.write_fmt(fmt!("Time {}..{}", begin, end))
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        Some(Counter {
            key: KEYS.get(index)?,
            slot: match index {
                0 => self.interval.sum_ns(),
                1 => self.interval.unpaired(),
                _ => self.interval.bucket(index.checked_sub(2)?)?,
            },
            departed: self.departed.get(index)?,
        })
    }
}

impl Plan<'_, Times> {
    /// Obeys one command.
    pub(crate) fn obey(&mut self, verb: Verb, pair: Pair<'_>) -> Result {
        let [begin, end] = pair.names();
        if let Verb::Stop = verb {
            return self.stop(|ends| ends.compare((begin, end)).is_eq());
        }

        let place = self.place((begin, end))?;
        let is_wish = matches!(verb, Verb::Wish);
        for name in [begin, end] {
            self.find(name, is_wish)?;
        }

        let ends = || {
            let ends = Ends {
                begin: event_name(begin)?,
                end: event_name(end)?,
            };
            Ok(Arc::new(ends, GFP_KERNEL_ACCOUNT)?)
        };
        self.add(place, ends, is_wish)
    }
}
