// SPDX-License-Identifier: GPL-2.0

//! What the numbers are.

use crate::Name;

/// Tells what may become of a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Only grows, and begins again at 0 after 2^64 - 1.
    Count,
    /// May fall.
    Gauge,
    /// Stays as it is until tally is unloaded.
    Constant,
    /// Is not known here, as the module is newer than this crate.
    Unknown,
}

impl Kind {
    pub(crate) fn of(name: &Name, key: &str) -> Self {
        let is = |known: bool| if known { Self::Count } else { Self::Unknown };
        match name {
            Name::Tally(_) => match key {
                "loaded_ns" | "version_major" | "version_minor" => Self::Constant,
                "records" | "memory_bytes" | "events" => Self::Gauge,
                _ => is(matches!(key, "reads" | "missed")),
            },
            Name::Cpus => match key {
                "possible" => Self::Constant,
                "present" | "online" | "active" => Self::Gauge,
                _ => Self::Unknown,
            },
            Name::Kernel => is(matches!(key, "nr_switches" | "nr_hardirqs" | "nr_softirqs")),
            Name::Zones => {
                is(key.starts_with("nr_alloc_pages_") || key.starts_with("nr_free_pages_"))
            }
            Name::Zone { .. } => is(matches!(key, "nr_alloc_pages" | "nr_free_pages")
                || key.strip_prefix("nr_alloc_order_").is_some_and(is_number)),
            Name::Hotplug => match key {
                "subscribers" => Self::Gauge,
                _ => is(matches!(key, "online" | "dead" | "vetoed" | "folds")),
            },
            Name::Disk(_) => is(matches!(
                key,
                "nr_reads"
                    | "sectors_read"
                    | "nr_writes"
                    | "sectors_written"
                    | "nr_discards"
                    | "sectors_discarded"
                    | "nr_flushes"
                    | "nr_errors"
                    | "sectors_failed"
                    | "read_ns"
                    | "write_ns"
                    | "discard_ns"
                    | "flush_ns"
            )),
            // Exits of system calls alone have errors.
            Name::Event(_) => is(matches!(key, "count" | "errors")),
            Name::Time { .. } | Name::Handler(_) => {
                is(matches!(key, "sum_ns" | "unpaired") || crate::histogram::bound(key).is_some())
            }
            Name::Latency(_) | Name::DiskLatency { .. } => {
                is(key == "sum_ns" || crate::histogram::bound(key).is_some())
            }
            // Whatever a module counts is a count.
            Name::Group(_) => Self::Count,
            Name::Other(_) => Self::Unknown,
        }
    }

    /// Returns the word for it: `count`, `gauge`, `constant` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Gauge => "gauge",
            Self::Constant => "constant",
            Self::Unknown => "unknown",
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns by how much a count grew.
///
/// That is exact across the end of the numbers, modulo 2^64. A count that comes out half of
/// them or more ahead has not grown: its record went, and came back with a count from 0 on, as
/// an event does that is removed and added again.
///
/// ```
/// use tally_procfs::advance;
///
/// assert_eq!(advance(5, 7), 2);
/// assert_eq!(advance(u64::MAX, 1), 2);
/// assert_eq!(advance(1000, 7), 7);
/// ```
pub fn advance(before: u64, after: u64) -> u64 {
    let difference = after.wrapping_sub(before);
    if difference < 1 << 63 {
        difference
    } else {
        after
    }
}
