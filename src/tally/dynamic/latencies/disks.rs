// SPDX-License-Identifier: GPL-2.0

//! Latencies of each disk, while disks come and go.
//!
//! Who enables one gets a record for each disk that there is, all of them or none, and from then on one for
//! each disk that comes. A disk for which there is no room any more when it comes goes without, which the
//! log says, and counts among all disks together. A disk that goes takes its record along, as it takes its
//! `Disk` record.
//!
//! The lock of [`Disks`] is taken under the mutex of the class of disks, where a disk comes or goes, and
//! under `Control::tables`, where one is enabled. The list of records is locked within it.

use kernel::{
    new_mutex,
    prelude::*,
    str::CString,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    block::{
        AddedDisk,
        DiskRef,
        DiskWatcher, //
    },
    disk_watcher_cell,
    tracepoint::DiskLatencies, //
};

use super::{
    super::list::Listed,
    latency::Latency, //
};

/// Knows the disks that there are, and what measures each of them.
#[pin_data]
pub(crate) struct Disks {
    #[pin]
    state: Mutex<State>,
}

struct State {
    disks: KVVec<Disk>,
    measured: KVVec<EachDisk>,
}

/// Identifies a disk that is there.
struct Disk {
    addr: usize,
    name: CString,
}

impl Disks {
    /// Knows no disk yet: a watcher tells of them. May sleep.
    pub(super) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state <- new_mutex!(
                State {
                    disks: KVVec::new(),
                    measured: KVVec::new(),
                },
                "tally:measured_disks"
            ),
        }? Error)
    }

    /// Has each disk measured, until what is returned is dropped: those that there are, and those that come.
    ///
    /// `what` is the latency's name, and `all` its record of all disks, beside which those of disks are put.
    /// Sleeps. Fails if a disk cannot be measured; records may be on the list then, hidden.
    pub(super) fn measure(
        this: &Arc<Self>,
        what: &CStr,
        latencies: &Arc<DiskLatencies>,
        all: &Listed<Latency>,
    ) -> Result<Measuring> {
        let mut each = EachDisk {
            what: what.try_into()?,
            latencies: latencies.clone(),
            all: all.clone(),
            disks: KVVec::new(),
        };

        let mut state = this.state.lock();
        for disk in &state.disks {
            each.add(disk)?;
        }
        state.measured.push(each, GFP_KERNEL_ACCOUNT)?;
        Ok(Measuring {
            disks: this.clone(),
            latencies: latencies.clone(),
        })
    }
}

disk_watcher_cell!(Disks);

impl DiskWatcher for Disks {
    fn added(&self, disk: AddedDisk<'_>) {
        if let Err(error) = self.state.lock().add(*disk) {
            pr_warn!("no latency of {} is measured: {error:?}\n", disk.name());
        }
    }

    fn removed(&self, disk: DiskRef<'_>) {
        self.state.lock().remove(disk.addr());
    }
}

impl State {
    fn add(&mut self, disk: DiskRef<'_>) -> Result {
        let disk = Disk {
            addr: disk.addr(),
            name: disk.name().try_into()?,
        };
        self.disks.reserve(1, GFP_KERNEL)?;

        for each in self.measured.iter_mut() {
            if let Err(error) = each.add(&disk) {
                pr_warn!(
                    "latency:{} of {} is not measured: {error:?}\n",
                    &*each.what,
                    &*disk.name
                );
            }
        }
        Ok(self.disks.push(disk, GFP_KERNEL)?)
    }

    fn remove(&mut self, addr: usize) {
        for each in self.measured.iter_mut() {
            each.remove(addr);
        }
        self.disks.retain(|disk| disk.addr != addr);
    }
}

/// Holds what measures each disk since the same moment of a request.
struct EachDisk {
    what: CString,
    latencies: Arc<DiskLatencies>,
    all: Listed<Latency>,
    /// The records of disks, by their addresses.
    disks: KVVec<(usize, Listed<Latency>)>,
}

impl EachDisk {
    /// Has requests of a disk counted for itself. May sleep.
    fn add(&mut self, disk: &Disk) -> Result {
        self.disks.reserve(1, GFP_KERNEL_ACCOUNT)?;
        let (record, lengths) = Latency::of_disk(&self.what, &disk.name)?;

        // It is folded before anything counts.
        let listed = self.all.beside(record)?;
        match self.latencies.insert(disk.addr, lengths) {
            Ok(()) => Ok(self.disks.push((disk.addr, listed), GFP_KERNEL_ACCOUNT)?),
            Err(error) => {
                listed.remove();
                Err(error)
            }
        }
    }

    /// Has requests of a disk counted for itself no more, if they are. Sleeps.
    fn remove(&mut self, addr: usize) {
        let Some(place) = self.disks.iter().position(|(disk, _)| *disk == addr) else {
            return;
        };

        // This waits until no probe counts in the record any more. It refuses only callers that must not
        // sleep.
        if self.latencies.remove(addr).is_ok() {
            if let Ok((_, listed)) = self.disks.remove(place) {
                listed.remove();
            }
        }
    }
}

/// Has disks measured until it is dropped, which is when nothing counts any more. Their records are still on
/// the list then.
pub(super) struct Measuring {
    disks: Arc<Disks>,
    latencies: Arc<DiskLatencies>,
}

impl Drop for Measuring {
    fn drop(&mut self) {
        self.disks
            .state
            .lock()
            .measured
            .retain(|each| !Arc::ptr_eq(&each.latencies, &self.latencies));
    }
}
