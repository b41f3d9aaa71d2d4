// SPDX-License-Identifier: GPL-2.0

//! What one disk did.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*,
    str::CString,
    sync::atomic::Atomic, //
};
use kernel_ext::{
    block::{
        DiskRef,
        StatGroup, //
    },
    per_cpu_struct,
    percpu::PerCpuBox, //
};

use crate::record::{
    Counter,
    Record, //
};

per_cpu_struct! {
    /// A CPU's share, as `struct disk_stats` is of the kernel's own statistics.
    struct Stats {
        nr_reads: u64,
        sectors_read: u64,
        nr_writes: u64,
        sectors_written: u64,
        nr_discards: u64,
        sectors_discarded: u64,
        nr_flushes: u64,
    }
}

/// How many counters a disk has.
pub(super) const NR_SLOTS: usize = size_of::<Stats>() / size_of::<u64>();

/// A `Disk NAME` block.
pub(super) struct Disk {
    name: CString,
    /// Its place among the disks of the report.
    pub(super) number: usize,
    /// Whether bios are what it completes, and not requests.
    pub(super) takes_bios: bool,
    stats: PerCpuBox<Stats>,
    departed: [Atomic<u64>; NR_SLOTS],
}

impl Disk {
    /// Counters of what `disk` does from now on.
    pub(super) fn new(disk: DiskRef<'_>, number: usize) -> Result<Self> {
        Ok(Self {
            name: CString::try_from(disk.name())?,
            number,
            takes_bios: disk.takes_bios(),
            stats: PerCpuBox::zeroed(GFP_KERNEL)?,
            departed: [const { Atomic::new(0) }; NR_SLOTS],
        })
    }

    /// Counts a request, or a bio, that has ended.
    #[inline(always)]
    pub(super) fn ended(&self, group: StatGroup) {
        match group {
            StatGroup::Read => self.stats.nr_reads.inc(),
            StatGroup::Write => self.stats.nr_writes.inc(),
            StatGroup::Discard => self.stats.nr_discards.inc(),
        }
    }

    /// Counts sectors of 512 bytes that are done.
    #[inline(always)]
    pub(super) fn done(&self, group: StatGroup, sectors: u32) {
        match group {
            StatGroup::Read => self.stats.sectors_read.add(sectors.into()),
            StatGroup::Write => self.stats.sectors_written.add(sectors.into()),
            StatGroup::Discard => self.stats.sectors_discarded.add(sectors.into()),
        }
    }

    /// Counts a flush of the disk's write cache.
    #[inline(always)]
    pub(super) fn flushed(&self) {
        self.stats.nr_flushes.inc();
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
        let stats = &self.stats;
        let slots = [
            ("nr_reads", stats.nr_reads.as_allocated()),
            ("sectors_read", stats.sectors_read.as_allocated()),
            ("nr_writes", stats.nr_writes.as_allocated()),
            ("sectors_written", stats.sectors_written.as_allocated()),
            ("nr_discards", stats.nr_discards.as_allocated()),
            ("sectors_discarded", stats.sectors_discarded.as_allocated()),
            ("nr_flushes", stats.nr_flushes.as_allocated()),
        ];
        let &(key, slot) = slots.get(index)?;

        Some(Counter {
            key,
            slot,
            departed: self.departed.get(index)?,
        })
    }
}
