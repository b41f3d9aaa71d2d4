// SPDX-License-Identifier: GPL-2.0

//! A tally without a kernel.

use core::{
    ffi::CStr,
    ops::ControlFlow, //
};
use std::sync::{
    Mutex,
    MutexGuard, //
};

use kernel::{
    error::Result,
    sync::Arc,
    ThisModule, //
};
use kernel_ext::{
    block::{
        AddedDisk,
        DiskRef,
        DiskWatcher, //
    },
    compat::Parameter,
    cpu::{
        self,
        CpusReadGuard, //
    },
    cpuhp::DeadCpu,
    percpu::LineSums,
    procfs::Opener,
    tracepoint, //
};

use crate::{
    dynamic::{
        Control,
        Disks, //
    },
    limits::Charge,
    module_parameters::{
        max_bytes,
        max_events, //
    },
    record::{
        Counters,
        Record,
        RecordSource,
        Section, //
    }, //
};

static MODULE: ThisModule = ThisModule;

/// Parameters and what is charged are of the module, so there is one engine at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Holds what counts because somebody wrote to the file.
pub struct Engine {
    control: Control,
    disks: Arc<Disks>,
    sources: [Arc<dyn RecordSource>; 3],
    _alone: MutexGuard<'static, ()>,
}

impl Engine {
    /// Loads a tally in which there are these events. Waits for the last one to go.
    pub fn new(events: &[&str], most_events: u32, most_bytes: u64) -> Self {
        let alone = ALONE
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());

        max_events.set(most_events);
        max_bytes.set(most_bytes);
        tracepoint::set_events(events.iter().copied());
        cpu::set_online(1, true);
        let control = Control::new(&MODULE).unwrap_or_else(|_| panic!("memory is short"));
        Self {
            disks: control.disks(),
            sources: [control.events(), control.times(), control.latencies()],
            control,
            _alone: alone,
        }
    }

    /// Has a disk come, whose address no other has.
    pub fn add_disk(&self, addr: usize, name: &CStr) {
        self.disks.added(AddedDisk(DiskRef::new(addr, name)));
    }

    /// Has a disk go.
    pub fn remove_disk(&self, addr: usize) {
        self.disks.removed(DiskRef::new(addr, c""));
    }

    /// Writes to the file, with the rights to do so. Returns 0 or an errno.
    pub fn write(&self, text: &[u8]) -> i32 {
        self.write_as(true, text)
    }

    /// Writes to the file, which was opened with `CAP_PERFMON` or without it.
    pub fn write_as(&self, perfmon: bool, text: &[u8]) -> i32 {
        let result: Result = self.control.write(Opener::new(perfmon), text);
        result.map_or_else(|error| -error.to_errno(), |()| 0)
    }

    /// Returns the records that readers see, in their order, with the total of each key.
    pub fn records(&self) -> Vec<(String, Vec<(String, u64)>)> {
        let cpus = CpusReadGuard::new();
        let sums = LineSums::new(&cpus);
        let mut found = Vec::new();

        for source in &self.sources {
            let _ = source.try_for_each(0, &mut |_, record: &dyn Record| {
                let header = String::from_utf8_lossy(record.header())
                    .trim_end()
                    .to_string();
                let mut values = Vec::new();
                record.with_counters(&mut |counters: Counters<'_>| {
                    counters.for_each(Section::Total(&sums), |key, value| {
                        values.push((String::from_utf8_lossy(key.name()).into_owned(), value));
                    });
                });
                found.push((header, values));
                ControlFlow::Continue(())
            });
        }
        found
    }

    /// Has a CPU die, whose counts are folded.
    pub fn kill(&self, id: usize) {
        cpu::set_online(id, false);
        for source in &self.sources {
            source.fold(&DeadCpu::new(id));
        }
    }

    /// Returns what could be left behind by something that failed: records, slots, tables and events
    /// as the record `Tally` counts them, probes, pending ones included, and the bytes that are charged.
    pub fn held(&self) -> Held {
        let stats = self.sources.each_ref().map(|source| source.stats());
        Held {
            records: stats.iter().map(|stats| stats.records).sum(),
            slots: stats.iter().map(|stats| stats.slots).sum(),
            table_bytes: stats.iter().map(|stats| stats.table_bytes).sum(),
            attached: stats[0].events,
            missed: stats.iter().map(|stats| stats.missed).sum(),
            probes: tracepoint::registrations(),
            charged: charged(),
        }
    }
}

/// Says what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub records: usize,
    pub slots: usize,
    pub table_bytes: usize,
    pub attached: usize,
    pub missed: u64,
    pub probes: usize,
    pub charged: u64,
}

/// Returns the bytes that are charged: the limit, less what can still be charged.
fn charged() -> u64 {
    // A charge is of 8 bytes at least, for two CPUs.
    let fits = |steps: u64| match Charge::new(usize::try_from(steps * 8).expect("it fits")) {
        Ok(charge) => {
            drop(charge);
            true
        }
        Err(_) => false,
    };
    let limit = max_bytes.value() / 16;
    let (mut low, mut high) = (0, limit + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (limit - low) * 16
}
