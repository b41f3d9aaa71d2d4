// SPDX-License-Identifier: GPL-2.0

//! The keys of a `Time` record.

use kernel_ext::tracepoint::Interval;

use crate::record::NumberedKey;

/// Names the buckets by their upper bounds, and the last one by its lower bound.
const BUCKETS: &[NumberedKey; Interval::BUCKETS] = &{
    let last = Interval::BUCKETS - 1;
    let mut keys = [NumberedKey::new("ge_", 1 << (last - 1), "ns"); Interval::BUCKETS];
    let mut bucket = 0;

    while bucket < last {
        keys[bucket] = NumberedKey::new("lt_", 1 << bucket, "ns");
        bucket += 1;
    }
    keys
};

/// Names the counters, in the order of the file: two that are no buckets, then the buckets of an
/// [`Interval`].
pub(super) const KEYS: [&str; 2 + Interval::BUCKETS] = {
    let mut keys = ["sum_ns"; 2 + Interval::BUCKETS];
    let mut bucket = 0;

    keys[1] = "unpaired";
    while bucket < Interval::BUCKETS {
        keys[2 + bucket] = BUCKETS[bucket].as_str();
        bucket += 1;
    }
    keys
};
