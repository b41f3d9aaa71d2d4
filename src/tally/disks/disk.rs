// SPDX-License-Identifier: GPL-2.0

//! What one disk did.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*,
    str::CString,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::{
    block::DiskRef,
    tracepoint::{
        DiskCounters,
        DiskStats, //
    }, //
};

use crate::record::{
    Counter,
    Record, //
};

/// How many counters a disk has.
pub(super) const NR_SLOTS: usize = size_of::<DiskStats>() / size_of::<u64>();

/// A `Disk NAME` block.
pub(super) struct Disk {
    name: CString,
    pub(super) counters: Arc<DiskCounters>,
    departed: [Atomic<u64>; NR_SLOTS],
}

impl Disk {
    /// Counters of what `disk` does from now on.
    pub(super) fn new(disk: DiskRef<'_>) -> Result<Self> {
        Ok(Self {
            name: CString::try_from(disk.name())?,
            counters: Arc::new(DiskCounters::new(disk)?, GFP_KERNEL)?,
            departed: [const { Atomic::new(0) }; NR_SLOTS],
        })
    }
}

impl Record for Disk {
    /// Drivers choose names, and a few let people choose: what would break a line or a word is
    /// written as in /proc/mounts.
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

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        let stats = self.counters.stats();
        let slots = [
            ("nr_reads", stats.nr_reads.as_allocated()),
            ("sectors_read", stats.sectors_read.as_allocated()),
            ("nr_writes", stats.nr_writes.as_allocated()),
            ("sectors_written", stats.sectors_written.as_allocated()),
            ("nr_discards", stats.nr_discards.as_allocated()),
            ("sectors_discarded", stats.sectors_discarded.as_allocated()),
            ("nr_flushes", stats.nr_flushes.as_allocated()),
            ("nr_errors", stats.nr_errors.as_allocated()),
            ("sectors_failed", stats.sectors_failed.as_allocated()),
        ];
        let &(key, slot) = slots.get(index)?;

        Some(Counter {
            key,
            slot,
            departed: self.departed.get(index)?,
        })
    }
}
