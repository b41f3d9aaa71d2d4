// SPDX-License-Identifier: GPL-2.0

//! The `Latency` records: how long it takes until somebody has what it waits for.

mod disks;
mod latency;

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    compat::EOPNOTSUPP,
    cpuhp::DeadCpu,
    tracepoint::{
        EventName,
        EventRegistration,
        Probes, //
    }, //
};

pub(crate) use self::disks::Disks;

use self::{
    disks::Measuring,
    latency::{
        is_supported,
        Latency,
        Measure,
        ALL, //
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
    list::Listed,
    plan::Plan, //
};

/// Makes `Latency` records, each of which has memory of its own.
pub(super) struct Latencies {
    disks: Arc<Disks>,
}

impl Latencies {
    /// Knows no disks yet. May sleep.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            disks: Arc::pin_init(Disks::new(), GFP_KERNEL)?,
        })
    }

    /// Returns what is to be told of disks.
    pub(super) fn disks(&self) -> Arc<Disks> {
        self.disks.clone()
    }
}

impl Kind for Latencies {
    type Name = Arc<EventName>;
    type Record = Latency;
    type Attached = Attached;

    const OWN_SLOTS: usize = Latency::OWN_SLOTS;

    fn new_record(&self, name: &Arc<EventName>) -> Result<Latency> {
        let (_, what) = name.parts();
        Latency::new(what)
    }

    fn attach(
        &self,
        probes: &Probes,
        name: &Arc<EventName>,
        listed: &Listed<Latency>,
        _may_defer: bool,
    ) -> Result<Attached> {
        let mut measuring = None;

        let probe = match &listed.entry.record.measure {
            Measure::Requests(requests) => probes.attach_to(name.clone(), requests.clone()),
            Measure::EachDisk(requests) => {
                let (_, what) = name.parts();
                measuring = Some(Disks::measure(&self.disks, what, requests, listed)?);
                probes.attach_to(name.clone(), requests.clone())
            }
            Measure::Waits(waits) => probes.attach_to(name.clone(), waits.clone()),
            // The probe that measures each disk counts for it.
            Measure::Disk(_) => Err(EINVAL),
        }?;
        Ok(Attached {
            probe: [probe],
            _measuring: measuring,
        })
    }

    fn forget(latency: &Latency, cpu: &DeadCpu<'_>) {
        latency.lengths().forget(cpu);
    }

    fn table_bytes(latency: &Latency) -> usize {
        latency.measure.table_bytes()
    }
}

/// Holds the probe of a `Latency` record, and what has disks measured that come.
pub(super) struct Attached {
    probe: [EventRegistration; 1],
    _measuring: Option<Measuring>,
}

impl AsMut<[EventRegistration]> for Attached {
    fn as_mut(&mut self) -> &mut [EventRegistration] {
        &mut self.probe
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
            if !is_supported(name.1) {
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
