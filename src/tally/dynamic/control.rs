// SPDX-License-Identifier: GPL-2.0

//! Writes to /proc/tally: who may, and in which order things are done.

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    procfs::{
        Capability,
        Opener, //
    },
    security::{
        locked_down,
        LockdownReason, //
    }, //
};

use super::{
    command::{
        Command,
        Target,
        Text, //
    },
    events::Events,
    latencies::{
        Disks,
        Latencies, //
    },
    plan::Plan,
    records::Records,
    table::Table,
    times::Times,
    transaction::Transaction,
    turns::Turns, //
};
use crate::record::RecordSource;

/// Holds the dynamic records of all kinds with their probes.
struct Tables {
    events: Table<Events>,
    times: Table<Times>,
    latencies: Table<Latencies>,
}

/// Handles writes to /proc/tally: checks the opener's capability and lockdown, parses, and applies.
///
/// Dropping it detaches all probes. [`Events`], [`Times`] and [`Latencies`] are what readers and the fold
/// have of the same records.
pub(crate) struct Control {
    turns: Pin<KBox<Turns>>,
    tables: Pin<KBox<Mutex<Tables>>>,
    events: Arc<Records<Events>>,
    times: Arc<Records<Times>>,
    latencies: Arc<Records<Latencies>>,
}

impl Control {
    /// Gets ready to take commands. Nothing is counted yet. May sleep.
    pub(crate) fn new(module: &'static ThisModule) -> Result<Self> {
        let tables = Tables {
            events: Table::new(),
            times: Table::new(),
            latencies: Table::new(),
        };

        Ok(Self {
            turns: KBox::pin_init(Turns::new(), GFP_KERNEL)?,
            tables: KBox::pin_init(new_mutex!(tables, "Control::tables"), GFP_KERNEL)?,
            events: Arc::pin_init(Records::new(Events::new()?, module), GFP_KERNEL)?,
            times: Arc::pin_init(Records::new(Times, module), GFP_KERNEL)?,
            latencies: Arc::pin_init(Records::new(Latencies::new()?, module), GFP_KERNEL)?,
        })
    }

    /// Returns the `Event` records.
    pub(crate) fn events(&self) -> Arc<dyn RecordSource> {
        self.events.clone()
    }

    /// Returns the `Time` records.
    pub(crate) fn times(&self) -> Arc<dyn RecordSource> {
        self.times.clone()
    }

    /// Returns the `Latency` records.
    pub(crate) fn latencies(&self) -> Arc<dyn RecordSource> {
        self.latencies.clone()
    }

    /// Returns what is to be told of disks that come and go.
    pub(crate) fn disks(&self) -> Arc<Disks> {
        self.latencies.kind.disks()
    }

    /// Does what `text` says, all of it or nothing. May sleep.
    ///
    /// Fails with `EPERM` if the file was opened without `CAP_PERFMON`, or if the kernel is locked
    /// down and something is to be counted; with `EINVAL` if a line is no command; and as
    /// [`apply`](Self::apply) does.
    pub(crate) fn write(&self, opener: Opener<'_>, text: &[u8]) -> Result {
        if !opener.capable(Capability::Perfmon) {
            return Err(EPERM);
        }

        let mut text = Text::new(text)?;
        let commands = text.commands()?;
        if commands.iter().any(Command::attaches) {
            locked_down(LockdownReason::Tracefs)?;
        }
        if commands.iter().any(Command::is_too_long) {
            return Err(ENOENT);
        }
        self.apply(&commands)
    }

    /// Applies commands, one after another: all of them, or none if one fails.
    ///
    /// Writers have turns, and fail with `ERESTARTSYS` if a signal comes while they wait for theirs. `tables`
    /// is locked throughout the turn, so that lockdep knows what is taken in it. Sleeps. The caller holds none
    /// of the locks of CPU hotplug, of modules and of tracepoints, as attaching a probe takes them.
    fn apply(&self, commands: &[Command<'_>]) -> Result {
        let _turn = self.turns.take()?;
        let mut tables = self.tables.lock();
        let Tables {
            events,
            times,
            latencies,
        } = &mut *tables;

        let mut plan_events = Plan::new(&self.events.probes, &events.counted)?;
        let mut plan_times = Plan::new(&self.times.probes, &times.counted)?;
        let mut plan_latencies = Plan::new(&self.latencies.probes, &latencies.counted)?;
        for command in commands {
            match command.target {
                Target::Events(pattern) => plan_events.apply(command.verb, &pattern)?,
                Target::Time(pair) => plan_times.apply(command.verb, pair)?,
                Target::Handlers(pattern) => {
                    plan_times.apply_to_handlers(command.verb, &pattern)?
                }
                Target::Latencies(pattern) => plan_latencies.apply(command.verb, &pattern)?,
            }
        }
        let (planned_events, planned_times) = (plan_events.finish(), plan_times.finish());
        let planned_latencies = plan_latencies.finish();

        // From here on `?` rolls back: a transaction that is dropped undoes what it prepared.
        let events = Transaction::prepare(&self.events, events, planned_events)?;
        let times = Transaction::prepare(&self.times, times, planned_times)?;
        let latencies = Transaction::prepare(&self.latencies, latencies, planned_latencies)?;
        events.commit();
        times.commit();
        latencies.commit();
        Ok(())
    }
}
