// SPDX-License-Identifier: GPL-2.0

//! The records of one kind, as readers and the fold have them.

use core::ops::ControlFlow;

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    cpuhp::DeadCpu,
    tracepoint::Probes, //
};

use super::{
    kind::Kind,
    list::{
        List,
        Listed, //
    },
    plan::ToAdd,
    table::Counted, //
};
use crate::record::{
    Record,
    RecordSource,
    Stats, //
};

/// Lists the records of a kind, hidden ones included, and attaches their probes.
///
/// A record is on the list from before its probes are attached until they have been detached and
/// have returned on all CPUs, so a fold misses no count. The list is locked for a fold, or while one
/// buffer of a reader is filled, never while a probe is attached or detached.
#[pin_data]
pub(super) struct Records<K: Kind> {
    pub(super) kind: K,
    #[pin]
    pub(super) probes: Probes,
    pub(super) list: Arc<Mutex<List<K::Record>>>,
}

impl<K: Kind> Records<K> {
    /// Makes a list without records.
    pub(super) fn new(kind: K, module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            kind,
            probes <- Probes::of(module),
            list: Arc::pin_init(new_mutex!(List::new(), "Records::list"), GFP_KERNEL)?,
        }? Error)
    }

    /// Makes a hidden record, puts it on the list and attaches its probes.
    ///
    /// If the probes cannot be attached the record stays on the list until
    /// [`trim`](Self::trim) is called. Sleeps.
    pub(super) fn add(&self, addition: ToAdd<K::Name>) -> Result<Counted<K>> {
        let ToAdd { name, may_defer } = addition;
        let listed = Listed::new(&self.list, self.kind.new_record(&name)?)?;

        Ok(Counted {
            attached: self.kind.attach(&self.probes, &name, &listed, may_defer)?,
            name,
            entry: listed.entry,
        })
    }

    /// Takes hidden records off the list, and frees memory in which nothing is counted. The caller
    /// has detached the probes of all hidden records.
    pub(super) fn trim(&self) {
        self.list.lock().retain(|entry| entry.is_shown());
        self.kind.trim();
    }
}

impl<K: Kind> RecordSource for Records<K> {
    fn try_for_each(
        &self,
        from: usize,
        f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let list = self.list.lock();

        let first = list.partition_point(|entry| entry.number < from);
        list.iter()
            .skip(first)
            .filter(|entry| entry.is_shown())
            .try_for_each(|entry| f(entry.number, &entry.record))
    }

    fn fold(&self, cpu: &DeadCpu<'_>) {
        for entry in self.list.lock().iter() {
            K::forget(&entry.record, cpu);
            entry.record.fold(cpu);
        }
    }

    fn stats(&self) -> Stats {
        let list = self.list.lock();
        let own = list.len().wrapping_mul(K::OWN_SLOTS);
        let tables = list.iter().map(|entry| K::table_bytes(&entry.record));

        Stats {
            records: list.iter().filter(|entry| entry.is_shown()).count(),
            slots: own.wrapping_add(self.kind.shared_slots()),
            table_bytes: tables.fold(0, usize::wrapping_add),
            events: self.probes.attached(),
            missed: 0,
        }
    }
}
