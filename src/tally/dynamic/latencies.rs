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
        RequestLatencies,
        RunqueueWaits,
        Since, //
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

/// Names how long requests to disks take, from when the driver has them until they end.
const DISK_ISSUED: &CStr = c"disk_issued";
/// Names how long they take from when they are made.
const DISK_QUEUED: &CStr = c"disk_queued";
/// Names how long tasks wait, from when they can run until they do.
const RUNQUEUE: &CStr = c"runqueue";

/// Lists all latencies.
const ALL: [&CStr; 3] = [DISK_ISSUED, DISK_QUEUED, RUNQUEUE];

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
            measure: Measure::new(what)?,
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
        let name = name.clone();

        Ok([match &latency.measure {
            Measure::Requests(requests) => probes.attach_to(name, requests.clone())?,
            Measure::Waits(waits) => probes.attach_to(name, waits.clone())?,
        }])
    }

    fn forget(latency: &Latency, cpu: &DeadCpu<'_>) {
        latency.measure.lengths().forget(cpu);
    }
}

/// Holds what measures a latency.
enum Measure {
    Requests(Arc<RequestLatencies>),
    Waits(Arc<RunqueueWaits>),
}

impl Measure {
    /// Makes what measures the latency of this name. Fails with `ENOENT` if there is none.
    fn new(what: &CStr) -> Result<Self> {
        let requests = |since| RequestLatencies::new(since, GFP_KERNEL_ACCOUNT).map(Self::Requests);

        if what == DISK_ISSUED {
            requests(Since::Issued)
        } else if what == DISK_QUEUED {
            requests(Since::Queued)
        } else if what == RUNQUEUE {
            RunqueueWaits::new(GFP_KERNEL_ACCOUNT).map(Self::Waits)
        } else {
            Err(ENOENT)
        }
    }

    /// Returns whether this kernel tells how long that takes, if there is a latency of this name.
    fn is_supported(what: &CStr) -> bool {
        what != RUNQUEUE || RunqueueWaits::is_supported()
    }

    /// Returns what it counts in.
    fn lengths(&self) -> &Lengths {
        match self {
            Self::Requests(requests) => requests,
            Self::Waits(waits) => waits,
        }
    }
}

/// Counts latencies by their lengths.
pub(super) struct Latency {
    header: Header,
    measure: Measure,
    cells: Cells<NR_SLOTS>,
    _charge: Charge,
}

impl Record for Latency {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        let lengths = self.measure.lengths();

        f(self.cells.counters(&slots(&[lengths.sum_ns()], lengths)));
    }
}

impl Plan<'_, Latencies> {
    /// Plans what one command says. No module brings a latency, so there is nothing to wait for.
    ///
    /// What this kernel cannot measure is refused by its name, with `EOPNOTSUPP`, and passed over by globs,
    /// as events are.
    pub(super) fn apply(&mut self, verb: Verb, pattern: &Pattern<'_>) -> Result {
        if let Verb::Stop = verb {
            return self.stop(|name| {
                let (system, what) = name.parts();
                pattern.matches(system, what)
            });
        }

        let mut result = Err(ENOENT);
        for name in ALL.map(|what| (LATENCY, what)) {
            if !pattern.matches(LATENCY, name.1) {
                continue;
            }
            if !Measure::is_supported(name.1) {
                if pattern.name().is_some() {
                    return Err(EOPNOTSUPP);
                }
                continue;
            }
            result = self.add_of_glob(result, name, || event_name(name))?;
        }
        result
    }
}
