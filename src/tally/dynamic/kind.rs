// SPDX-License-Identifier: GPL-2.0

//! What the kinds of dynamic records have in common, and where they differ.

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
        ProbeData,
        Probes, //
    }, //
};

use super::list::Listed;
use crate::record::Record;

/// Identifies a record among those of its kind.
pub(super) trait Name: Send + Sync {
    /// The same name, borrowed, so that looking one up allocates nothing.
    type Key<'a>: Copy;

    /// Borrows the name.
    fn key(&self) -> Self::Key<'_>;

    /// Compares the name with a borrowed one.
    fn compare(&self, key: Self::Key<'_>) -> Ordering;
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

/// Describes a kind of dynamic records: what they count in, and which probes do it.
pub(super) trait Kind: Send + Sync + 'static {
    /// What identifies a record of this kind.
    type Name: Name;

    /// The record: its counters, and how it is printed.
    type Record: Record + Send + Sync;

    /// The probes of one record.
    type Attached: AsMut<[EventRegistration]> + Send;

    /// How many slots of 8 bytes a record has for itself in the memory of each CPU.
    const OWN_SLOTS: usize;

    /// Makes a record whose counters are zero.
    fn new_record(&self, name: &Self::Name) -> Result<Self::Record>;

    /// Attaches the probes of a record. If `may_defer`, those whose events do not exist are left
    /// pending, and attached when a module brings the event.
    fn attach(
        &self,
        probes: &Probes,
        name: &Self::Name,
        listed: &Listed<Self::Record>,
        may_defer: bool,
    ) -> Result<Self::Attached>;

    /// Forgets what a dead CPU has left in the record besides its counts.
    fn forget(_record: &Self::Record, _cpu: &DeadCpu<'_>) {}

    /// Returns how many bytes a record takes once, besides what it takes on each CPU.
    fn table_bytes(_record: &Self::Record) -> usize {
        0
    }

    /// Returns how many slots of 8 bytes the records of this kind share in the memory of each CPU,
    /// those included in which nothing is counted.
    fn shared_slots(&self) -> usize {
        0
    }

    /// Frees shared memory in which no record counts.
    fn trim(&self) {}
}

/// Copies the name of an event.
pub(super) fn event_name((system, event): (&CStr, &CStr)) -> Result<Arc<EventName>> {
    let name = EventName::new(system, event)?;
    Ok(Arc::new(name, GFP_KERNEL_ACCOUNT)?)
}

/// Attaches a probe, or leaves it pending if `may_defer` and there is no such event.
pub(super) fn attach(
    probes: &Probes,
    name: &Arc<EventName>,
    data: impl ProbeData,
    may_defer: bool,
) -> Result<EventRegistration> {
    if may_defer {
        probes.attach_or_defer(name.clone(), data)
    } else {
        probes.attach(name.clone(), data)
    }
}
