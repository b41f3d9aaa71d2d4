// SPDX-License-Identifier: GPL-2.0

//! The keys of a `Time` record.

use kernel_ext::tracepoint::Interval;

use crate::record::Key;

/// Names the counters, in the order of the file: two that are no buckets, then the buckets of an
/// [`Interval`] by their upper bounds, and the last one by its lower bound.
pub(super) static KEYS: [Key; 2 + Interval::BUCKETS] = {
    let last = Interval::BUCKETS - 1;
    let mut keys = [Key::new("sum_ns"); 2 + Interval::BUCKETS];
    let mut bucket = 0;

    keys[1] = Key::new("unpaired");
    while bucket < last {
        keys[2 + bucket] = Key::numbered("lt_", 1 << bucket, "ns");
        bucket += 1;
    }
    keys[2 + last] = Key::numbered("ge_", 1 << (last - 1), "ns");
    keys
};
