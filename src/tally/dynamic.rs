// SPDX-License-Identifier: GPL-2.0

//! What is chosen while the machine runs: events that are counted, and pairs of events between
//! which the time is measured.

mod control;
mod events;
mod plan;
mod records;
mod times;
mod transaction;

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::tracepoint::{
    Attachment,
    EventName,
    Owner,
    Probes, //
};

pub(crate) use self::{
    control::Control,
    events::Events,
    plan::{
        Name,
        Plan, //
    },
    records::{
        Blocks,
        Kind, //
    },
    times::Times, //
};

use self::{
    control::{
        Command,
        What, //
    },
    records::Table, //
};

/// Whatever is chosen.
struct Tables {
    events: Table<Events>,
    times: Table<Times>,
}

/// Applies commands.
///
/// `tables` is locked for as long as that takes, so writers come one after another.
#[pin_data]
pub(crate) struct Chosen {
    #[pin]
    tables: Mutex<Tables>,
    events: Arc<Blocks<Events>>,
    times: Arc<Blocks<Times>>,
}

impl Chosen {
    /// Nothing is chosen, so that there are no blocks.
    pub(crate) fn new(
        events: Arc<Blocks<Events>>,
        times: Arc<Blocks<Times>>,
    ) -> impl PinInit<Self> {
        let tables = Tables {
            events: Table::new(),
            times: Table::new(),
        };

        pin_init!(Self {
            tables <- new_mutex!(tables, "Chosen::tables"),
            events,
            times,
        })
    }

    /// Obeys `commands`, one after another: all of them, or none if one cannot be obeyed. Sleeps.
    ///
    /// To be called without the locks of CPU hotplug, of modules and of tracepoints.
    pub(crate) fn apply(&self, commands: &[Command<'_>]) -> Result {
        let mut tables = self.tables.lock();
        let Tables { events, times } = &mut *tables;

        let mut of_events = self.events.plan(events)?;
        let mut of_times = self.times.plan(times)?;
        for command in commands {
            match command.what {
                What::Events(pattern) => of_events.obey(command.verb, &pattern)?,
                What::Time(pair) => of_times.obey(command.verb, pair)?,
            }
        }
        let (of_events, of_times) = (of_events.finish(), of_times.finish());

        let events = self.events.prepare(events, of_events)?;
        let times = self.times.prepare(times, of_times)?;
        events.commit();
        times.commit();
        Ok(())
    }
}

/// The name of an event, to be kept.
pub(crate) fn event_name((system, event): (&CStr, &CStr)) -> Result<Arc<EventName>> {
    let name = EventName::new(system, event)?;
    Ok(Arc::new(name, GFP_KERNEL_ACCOUNT)?)
}

/// Attaches a probe, which may wait for its event if it `is_wish`.
pub(crate) fn attach(
    probes: &Probes,
    name: &Arc<EventName>,
    owner: impl Owner,
    is_wish: bool,
) -> Result<Attachment> {
    if is_wish {
        probes.attach_or_wait(name.clone(), owner)
    } else {
        probes.attach(name.clone(), owner)
    }
}
