// SPDX-License-Identifier: GPL-2.0

//! How records show lengths of time, whatever measures them.

use kernel_ext::{
    percpu::PerCpu,
    tracepoint::Lengths, //
};

use crate::record::Key;

/// Writes the keys of a record: some that are no buckets, then the buckets of [`Lengths`] by their
/// upper bounds, and the last one by its lower bound.
pub(super) const fn keys<const N: usize>(first: &[&str]) -> [Key; N] {
    let last = Lengths::BUCKETS - 1;
    let mut keys = [Key::numbered("ge_", 1 << (last - 1), "ns"); N];
    let mut place = 0;
    let mut bucket = 0;

    assert!(first.len() + Lengths::BUCKETS == N);
    while place < first.len() {
        keys[place] = Key::new(first[place]);
        place += 1;
    }
    while bucket < last {
        keys[place] = Key::numbered("lt_", 1 << bucket, "ns");
        place += 1;
        bucket += 1;
    }
    keys
}

/// Lists the slots of a record in the order of such keys.
pub(super) fn slots<'a, const N: usize>(
    first: &[&'a PerCpu<u64>],
    lengths: &'a Lengths,
) -> [&'a PerCpu<u64>; N] {
    let buckets = (0..).map_while(|bucket| lengths.bucket(bucket));
    let mut slots = [lengths.sum_ns(); N];

    for (slot, counter) in slots.iter_mut().zip(first.iter().copied().chain(buckets)) {
        *slot = counter;
    }
    slots
}
