// SPDX-License-Identifier: GPL-2.0

//! Times between events and latencies, by their lengths.

use crate::{Name, Record};

/// Counts the intervals between two events, or what somebody waited for, by their lengths.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Histogram {
    /// Holds the nanoseconds of all intervals together, modulo 2^64.
    pub sum_ns: u64,
    /// Counts second events that ended no interval; 0 for latencies, which have no such key.
    pub unpaired: u64,
    /// Holds the buckets, from the shortest intervals to the longest.
    pub buckets: Vec<Bucket>,
}

/// Counts intervals of similar lengths.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bucket {
    /// Holds the nanoseconds that all intervals in it are shorter than; nothing, if they may be
    /// of any length.
    pub below_ns: Option<u64>,
    /// Counts them.
    pub count: u64,
}

impl Histogram {
    /// Returns the histogram in a record `Time` or `Latency`, or nothing for other records.
    ///
    /// Keys that a newer module has added are left out.
    ///
    /// ```
    /// use tally_procfs::{Histogram, Snapshot};
    ///
    /// let snapshot = Snapshot::parse(
    ///     "Tally, format 1\n      loaded_ns    1\n\
    ///      Time a:b..a:c\n      sum_ns       3\n      unpaired     0\n      lt_1ns       0\n\
    ///      \x20     lt_2ns       1\n      lt_4ns       1\n      ge_4ns       0\n",
    /// )?;
    /// let times = Histogram::of(&snapshot.records()[1]).expect("it is one");
    /// assert_eq!((times.sum_ns, times.count()), (3, 2));
    /// # Ok::<(), tally_procfs::ParseError>(())
    /// ```
    pub fn of(record: &Record) -> Option<Self> {
        if !matches!(
            record.name(),
            Name::Time { .. } | Name::Handler(_) | Name::Latency(_) | Name::DiskLatency { .. }
        ) {
            return None;
        }
        let totals: Vec<u64> = record.totals().map(|(_, total)| total).collect();
        Self::from_values(record.keys(), &totals)
    }

    /// Returns the histogram that some keys and numbers of such a record are, or nothing if one of
    /// its parts is missing.
    pub fn from_values(keys: &[String], values: &[u64]) -> Option<Self> {
        let value = |key: &str| Some(values[keys.iter().position(|one| one == key)?]);
        let buckets: Vec<Bucket> = keys
            .iter()
            .zip(values)
            .filter_map(|(key, &count)| bound(key).map(|below_ns| Bucket { below_ns, count }))
            .collect();
        let is_sorted = buckets
            .windows(2)
            .all(|pair| match (pair[0].below_ns, pair[1].below_ns) {
                (Some(one), Some(next)) => one < next,
                (first, _) => first.is_some(),
            });
        (is_sorted && buckets.last().is_some_and(|last| last.below_ns.is_none())).then_some(Self {
            sum_ns: value("sum_ns")?,
            unpaired: value("unpaired").unwrap_or(0),
            buckets,
        })
    }

    /// Returns how many intervals there were, modulo 2^64.
    pub fn count(&self) -> u64 {
        self.buckets
            .iter()
            .fold(0, |sum, bucket| sum.wrapping_add(bucket.count))
    }
}

/// Returns the bound of the bucket that a key is of: `Some(None)` is that of the last bucket,
/// which has none.
pub(crate) fn bound(key: &str) -> Option<Option<u64>> {
    let number = |text: &str| text.strip_suffix("ns")?.parse::<u64>().ok();
    match key.strip_prefix("lt_") {
        Some(rest) => number(rest).map(Some),
        None => number(key.strip_prefix("ge_")?).map(|_| None),
    }
}
