// SPDX-License-Identifier: GPL-2.0

//! The `Latency` records: how long it takes until somebody has what it waits for.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    cpuhp::DeadCpu,
    tracepoint::{
        EventName,
        EventRegistration,
        Lengths,
        Probes,
        RunqueueWaits, //
    }, //
};

use super::{
    command::{
        Pattern,
        Verb,
        LATENCY, //
    },
    kind::{
        event_name,
        Kind, //
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

/// Names the latency of the run queue: how long tasks wait from when they can run until they do.
const RUNQUEUE: &CStr = c"runqueue";

/// Says how many counters a `Latency` has.
const NR_SLOTS: usize = 1 + Lengths::BUCKETS;

/// Names the counters, in the order of the file.
static KEYS: [Key; NR_SLOTS] = keys(&["sum_ns"]);

/// Makes `Latency` records, each of which has memory of its own.
pub(super) struct Latencies;

impl Kind for Latencies {
    type Name = Arc<EventName>;
    type Record = Latency;
    type Attached = [EventRegistration; 1];

    const OWN_SLOTS: usize = Lengths::SIZE / size_of::<u64>();

    fn new_record(&self, name: &Arc<EventName>) -> Result<Latency> {
        let (_, what) = name.parts();
        let charge = Charge::new(Lengths::SIZE)?;

        Ok(Latency {
            header: Header::new(fmt!("Latency {what}"))?,
            waits: RunqueueWaits::new(GFP_KERNEL_ACCOUNT)?,
            cells: Cells::new(&KEYS),
            _charge: charge,
        })
    }

    fn attach(
        probes: &Probes,
        name: &Arc<EventName>,
        latency: &Latency,
        _may_defer: bool,
    ) -> Result<[EventRegistration; 1]> {
        Ok([probes.attach_to(name.clone(), latency.waits.clone())?])
    }

    fn forget(latency: &Latency, cpu: &DeadCpu<'_>) {
        latency.waits.forget(cpu);
    }
}

/// Counts latencies by their lengths.
pub(super) struct Latency {
    header: Header,
    waits: Arc<RunqueueWaits>,
    cells: Cells<NR_SLOTS>,
    _charge: Charge,
}

impl Record for Latency {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        let waits = &self.waits;

        f(self.cells.counters(&slots(&[waits.sum_ns()], waits)));
    }
}

impl Plan<'_, Latencies> {
    /// Plans what one command says. No module brings a latency, so there is nothing to wait for.
    pub(super) fn apply(&mut self, verb: Verb, pattern: &Pattern<'_>) -> Result {
        if let Verb::Stop = verb {
            return self.stop(|name| {
                let (system, what) = name.parts();
                pattern.matches(system, what)
            });
        }
        if !pattern.matches(LATENCY, RUNQUEUE) {
            return Err(ENOENT);
        }

        let name = (LATENCY, RUNQUEUE);
        let place = self.place(name)?;
        self.add(place, || event_name(name), false)
    }
}
