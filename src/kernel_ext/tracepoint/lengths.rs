// SPDX-License-Identifier: GPL-2.0

//! Lengths of time, counted in buckets whose bounds are powers of two.

use kernel::{
    alloc::Flags,
    prelude::*, //
};

use crate::{
    cpuhp::DeadCpu,
    percpu::{
        PerCpu,
        PerCpuBox, //
    }, //
};

/// Holds what one CPU has: one number at each of these indices, then the buckets.
pub(super) type Cells = [u64; FIRST_BUCKET + Lengths::BUCKETS];

/// Indexes a word that says since when is measured, or 0 if nothing is.
///
/// What it is belongs to the probe that measures.
pub(super) const BEGAN: usize = 0;
/// Indexes the number of ends of what had not begun.
pub(super) const UNPAIRED: usize = 1;
/// Indexes the nanoseconds of all lengths together.
const SUM: usize = 2;
/// Indexes bucket 0.
const FIRST_BUCKET: usize = 3;
/// Indexes the bucket of the longest ones.
const LAST_BUCKET: usize = FIRST_BUCKET + Lengths::BUCKETS - 1;

/// Counts lengths of time on each CPU, and adds them up.
///
/// A length is counted in the bucket that it belongs to, in nanoseconds: bucket 0 counts those of 0,
/// bucket `n` those of 2^(n-1) or more but less than 2^n, and the last bucket all that are longer.
///
/// What is measured, and when, is for the probe that counts in it: an [`Interval`](super::Interval),
/// [`RequestLatencies`](super::RequestLatencies), [`DiskLatencies`](super::DiskLatencies), or
/// [`RunqueueWaits`](super::RunqueueWaits).
pub struct Lengths(PerCpuBox<Cells>);

impl Lengths {
    /// Counts the buckets: the last but one ends at 2^36 ns, which is more than a minute.
    pub const BUCKETS: usize = 38;

    /// Says how many bytes it takes in the memory of each CPU.
    pub const SIZE: usize = size_of::<Cells>();

    /// Allocates counters, with nothing counted.
    ///
    /// May sleep, as `flags` say. Fails with `ENOMEM`.
    pub fn new(flags: Flags) -> Result<Self> {
        PerCpuBox::zeroed(flags).map(Self)
    }

    /// Returns what CPUs count in.
    #[inline(always)]
    pub(super) fn cells(&self) -> &PerCpu<Cells> {
        &self.0
    }

    /// Returns the nanoseconds of all lengths together, which wrap around.
    ///
    /// Any context.
    pub fn sum_ns(&self) -> &PerCpu<u64> {
        self.0.element::<SUM>()
    }

    /// Returns how many lengths are of this bucket; `None` if there is no such bucket.
    ///
    /// Any context.
    pub fn bucket(&self, bucket: usize) -> Option<&PerCpu<u64>> {
        self.0.get(FIRST_BUCKET.checked_add(bucket)?)
    }

    /// Drops what a dead CPU had begun to measure, so that it does not end when the CPU is back.
    pub fn forget(&self, cpu: &DeadCpu<'_>) {
        self.0.element::<BEGAN>().take(cpu);
    }
}

/// Counts a length, in nanoseconds.
#[inline(always)]
pub(super) fn count(cells: &PerCpu<Cells>, length: u64) {
    match cells.get(FIRST_BUCKET + bucket(length)) {
        Some(count) => count.inc(),
        None => cells.element::<LAST_BUCKET>().inc(),
    }
    cells.element::<SUM>().add(length);
}

/// Returns the number of the bucket that counts a length, if all lengths had one.
#[inline(always)]
fn bucket(length: u64) -> usize {
    // With a bit more behind it there is always one that is set, and `bsr` finds the highest.
    let bits = length << 1 | 1;

    // CAST: Below 64.
    (u64::BITS - 1 - bits.leading_zeros()) as usize
}
