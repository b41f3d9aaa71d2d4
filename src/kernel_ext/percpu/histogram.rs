// SPDX-License-Identifier: GPL-2.0

//! Histograms whose buckets are powers of two.
//!
//! The bucket of a value is known by one instruction, the count of its leading zeroes.

use kernel::{
    alloc::Flags,
    prelude::*, //
};

use super::memory::Array;
use crate::cpumask::PossibleCpu;

/// Counts values in a bucket for 0 and one for each power of two, on each CPU.
///
/// Bucket 0 counts zeroes, and bucket `n` values from 2^(n-1) up to but not including 2^n.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     cpumask,
///     percpu::Histogram, //
/// };
///
/// let sizes = Histogram::new(GFP_KERNEL)?;
/// sizes.record(0);
/// sizes.record(1);
/// sizes.record(5);
/// sizes.record(7);
///
/// let count = |bucket| sizes.sum(bucket, cpumask::possible().iter());
/// assert_eq!(count(0), Some(1));
/// assert_eq!(count(1), Some(1));
/// assert_eq!(count(3), Some(2));
/// assert_eq!(count(64), Some(0));
/// assert_eq!(count(65), None);
/// # Ok::<(), Error>(())
/// ```
pub struct Histogram(Array<u64>);

impl Histogram {
    /// Gives the number of buckets.
    // CAST: 65.
    pub const BUCKETS: usize = u64::BITS as usize + 1;

    /// Makes an empty histogram.
    ///
    /// May sleep if `flags` lets it. Fails as [all allocations](crate::percpu#errors) do.
    pub fn new(flags: Flags) -> Result<Self> {
        Array::zeroed(Self::BUCKETS, flags).map(Self)
    }

    /// Returns the number of the bucket that counts `value`.
    #[inline(always)]
    pub const fn bucket(value: u64) -> usize {
        // CAST: At most 64.
        (u64::BITS - value.leading_zeros()) as usize
    }

    /// Counts `value` on this CPU.
    ///
    /// One instruction on memory. Any context.
    #[inline(always)]
    pub fn record(&self, value: u64) {
        if let Some(bucket) = self.0.get(Self::bucket(value)) {
            bucket.inc();
        }
    }

    /// Returns how many values of `bucket` were counted on `cpus`, or `None` past the last bucket.
    ///
    /// Any context.
    pub fn sum(&self, bucket: usize, cpus: impl Iterator<Item = PossibleCpu>) -> Option<u64> {
        Some(self.0.get(bucket)?.sum(cpus))
    }
}
