// SPDX-License-Identifier: GPL-2.0

//! What one disk did.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    block::DiskRef,
    tracepoint::DiskCounters, //
};

use crate::record::{
    Cells,
    Counters,
    Header,
    Key,
    Record, //
};

/// Says how many counters a disk has.
pub(super) const NR_SLOTS: usize = 9;

/// Names the counters, in the order of the file.
static KEYS: [Key; NR_SLOTS] = [
    Key::new("nr_reads"),
    Key::new("sectors_read"),
    Key::new("nr_writes"),
    Key::new("sectors_written"),
    Key::new("nr_discards"),
    Key::new("sectors_discarded"),
    Key::new("nr_flushes"),
    Key::new("nr_errors"),
    Key::new("sectors_failed"),
];

/// Holds a `Disk NAME` record.
pub(super) struct Disk {
    header: Header,
    pub(super) counters: Arc<DiskCounters>,
    cells: Cells<NR_SLOTS>,
}

impl Disk {
    /// Makes the record of a disk, with all counters at zero. May sleep.
    pub(super) fn new(disk: DiskRef<'_>) -> Result<Self> {
        Ok(Self {
            header: Header::new(fmt!("Disk {}", Escaped(disk.name())))?,
            counters: Arc::new(DiskCounters::new(disk)?, GFP_KERNEL)?,
            cells: Cells::new(&KEYS),
        })
    }
}

/// Writes a disk's name as /proc/mounts would. Some drivers let people choose it, so it may have
/// blanks and newlines in it.
struct Escaped<'a>(&'a CStr);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.to_bytes() {
            match byte {
                b'\\' => f.write_str("\\134")?,
                byte if byte.is_ascii_graphic() => f.write_char(char::from(*byte))?,
                byte => write!(f, "\\{byte:03o}")?,
            }
        }
        Ok(())
    }
}

impl Record for Disk {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
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
