// SPDX-License-Identifier: GPL-2.0

//! A `Latency` record, and what measures it.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::tracepoint::{
    DiskLatencies,
    Lengths,
    RequestLatencies,
    RunqueueWaits,
    Since, //
};

use super::super::lengths::{
    keys,
    slots, //
};
use crate::{
    limits::Charge,
    record::{
        Cells,
        Counters,
        Escaped,
        Header,
        Key,
        Record, //
    }, //
};

/// Names how long requests to disks take, from when the driver has them until they end.
const DISK_ISSUED: &CStr = c"disk_issued";
/// Names how long they take from when they are made.
const DISK_QUEUED: &CStr = c"disk_queued";
/// Names the same as [`DISK_ISSUED`], of each disk.
const EACH_DISK_ISSUED: &CStr = c"each_disk_issued";
/// Names the same as [`DISK_QUEUED`], of each disk.
const EACH_DISK_QUEUED: &CStr = c"each_disk_queued";
/// Names how long tasks wait, from when they can run until they do.
const RUNQUEUE: &CStr = c"runqueue";

/// Lists all latencies.
pub(super) const ALL: [&CStr; 5] = [
    DISK_ISSUED,
    DISK_QUEUED,
    EACH_DISK_ISSUED,
    EACH_DISK_QUEUED,
    RUNQUEUE,
];

/// Returns whether this kernel tells how long that takes, if there is a latency of this name.
pub(super) fn is_supported(what: &CStr) -> bool {
    what != RUNQUEUE || RunqueueWaits::is_supported()
}

/// Says how many counters a `Latency` has.
const NR_SLOTS: usize = 1 + Lengths::BUCKETS;

/// Names the counters, in the order of the file.
static KEYS: [Key; NR_SLOTS] = keys(&["sum_ns"]);

/// Holds what measures a latency.
pub(super) enum Measure {
    Requests(Arc<RequestLatencies>),
    /// Requests of all disks together; the records of disks stand beside.
    EachDisk(Arc<DiskLatencies>),
    /// Requests of one disk, which whatever measures each disk counts.
    Disk(Arc<Lengths>),
    Waits(Arc<RunqueueWaits>),
}

impl Measure {
    /// Makes what measures the latency of this name. Fails with `ENOENT` if there is none.
    fn new(what: &CStr) -> Result<Self> {
        let requests = |since| RequestLatencies::new(since, GFP_KERNEL_ACCOUNT).map(Self::Requests);
        let each_disk = |since| DiskLatencies::new(since, GFP_KERNEL_ACCOUNT).map(Self::EachDisk);

        if what == DISK_ISSUED {
            requests(Since::Issued)
        } else if what == DISK_QUEUED {
            requests(Since::Queued)
        } else if what == EACH_DISK_ISSUED {
            each_disk(Since::Issued)
        } else if what == EACH_DISK_QUEUED {
            each_disk(Since::Queued)
        } else if what == RUNQUEUE {
            RunqueueWaits::new(GFP_KERNEL_ACCOUNT).map(Self::Waits)
        } else {
            Err(ENOENT)
        }
    }

    /// Returns how many bytes it takes besides, to find disks by.
    pub(super) fn table_bytes(&self) -> usize {
        match self {
            Self::EachDisk(_) => DiskLatencies::TABLE_SIZE,
            Self::Requests(_) | Self::Disk(_) | Self::Waits(_) => 0,
        }
    }

    /// Returns what is counted in.
    fn lengths(&self) -> &Lengths {
        match self {
            Self::Requests(requests) => requests,
            Self::EachDisk(requests) => requests,
            Self::Disk(lengths) => lengths,
            Self::Waits(waits) => waits,
        }
    }
}

/// Counts latencies by their lengths.
pub(crate) struct Latency {
    header: Header,
    pub(super) measure: Measure,
    cells: Cells<NR_SLOTS>,
    _charge: Charge,
}

impl Latency {
    /// Says how many slots of 8 bytes it has in the memory of each CPU.
    pub(super) const OWN_SLOTS: usize = Lengths::SIZE / size_of::<u64>();

    /// Makes the record of the latency of this name. May sleep.
    pub(super) fn new(what: &CStr) -> Result<Self> {
        let measure = Measure::new(what)?;

        Ok(Self {
            header: Header::new(fmt!("Latency {what}"))?,
            _charge: Charge::with_table(Lengths::SIZE, measure.table_bytes())?,
            measure,
            cells: Cells::new(&KEYS),
        })
    }

    /// Makes the record of one disk, of the latency of each that has this name, and returns also what its
    /// requests are to be counted in. May sleep.
    pub(super) fn of_disk(what: &CStr, disk: &CStr) -> Result<(Self, Arc<Lengths>)> {
        let charge = Charge::new(Lengths::SIZE)?;
        let lengths = Lengths::new(GFP_KERNEL_ACCOUNT)?;
        let lengths = Arc::new(lengths, GFP_KERNEL_ACCOUNT)?;

        let record = Self {
            header: Header::new(fmt!("Latency {what} {}", Escaped(disk)))?,
            measure: Measure::Disk(lengths.clone()),
            cells: Cells::new(&KEYS),
            _charge: charge,
        };
        Ok((record, lengths))
    }

    /// Returns what it counts in.
    pub(super) fn lengths(&self) -> &Lengths {
        self.measure.lengths()
    }
}

impl Record for Latency {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        let lengths = self.lengths();

        f(self.cells.counters(&slots(&[lengths.sum_ns()], lengths)));
    }
}
