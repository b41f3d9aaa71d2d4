// SPDX-License-Identifier: GPL-2.0

//! What one disk did.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*,
    str::CString,
    sync::Arc, //
};
use kernel_ext::{
    block::DiskRef,
    tracepoint::DiskCounters, //
};

use crate::record::{
    Cells,
    Counters,
    Record, //
};

/// Names the counters, in the order of the file.
const KEYS: [&str; 9] = [
    "nr_reads",
    "sectors_read",
    "nr_writes",
    "sectors_written",
    "nr_discards",
    "sectors_discarded",
    "nr_flushes",
    "nr_errors",
    "sectors_failed",
];

/// How many counters a disk has.
pub(super) const NR_SLOTS: usize = KEYS.len();

/// Holds a `Disk NAME` record.
pub(super) struct Disk {
    name: CString,
    pub(super) counters: Arc<DiskCounters>,
    cells: Cells<NR_SLOTS>,
}

impl Disk {
    /// Makes the record of a disk, with all counters at zero. May sleep.
    pub(super) fn new(disk: DiskRef<'_>) -> Result<Self> {
        Ok(Self {
            name: CString::try_from(disk.name())?,
            counters: Arc::new(DiskCounters::new(disk)?, GFP_KERNEL)?,
            cells: Cells::new(&KEYS),
        })
    }
}

impl Record for Disk {
    /// Writes the disk's name as /proc/mounts would. Some drivers let people choose it, so it may
    /// have blanks and newlines in it.
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Disk ")?;
        for byte in self.name.to_bytes() {
            match byte {
                b'\\' => f.write_str("\\134")?,
                byte if byte.is_ascii_graphic() => f.write_char(char::from(*byte))?,
                byte => write!(f, "\\{byte:03o}")?,
            }
        }
        Ok(())
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        let stats = self.counters.stats();

        f(self.cells.counters(&[
            stats.nr_reads.as_allocated(),
            stats.sectors_read.as_allocated(),
            stats.nr_writes.as_allocated(),
            stats.sectors_written.as_allocated(),
            stats.nr_discards.as_allocated(),
            stats.sectors_discarded.as_allocated(),
            stats.nr_flushes.as_allocated(),
            stats.nr_errors.as_allocated(),
            stats.sectors_failed.as_allocated(),
        ]));
    }
}
