// SPDX-License-Identifier: GPL-2.0

//! The keys of a `Time` record.

use kernel_ext::tracepoint::Interval;

/// Names the counters, in the order of the file: two that are no buckets, then the buckets of an
/// [`Interval`] by their upper bounds.
pub(super) const KEYS: [&str; 2 + Interval::BUCKETS] = [
    "sum_ns",
    "unpaired",
    "lt_1ns",
    "lt_2ns",
    "lt_4ns",
    "lt_8ns",
    "lt_16ns",
    "lt_32ns",
    "lt_64ns",
    "lt_128ns",
    "lt_256ns",
    "lt_512ns",
    "lt_1024ns",
    "lt_2048ns",
    "lt_4096ns",
    "lt_8192ns",
    "lt_16384ns",
    "lt_32768ns",
    "lt_65536ns",
    "lt_131072ns",
    "lt_262144ns",
    "lt_524288ns",
    "lt_1048576ns",
    "lt_2097152ns",
    "lt_4194304ns",
    "lt_8388608ns",
    "lt_16777216ns",
    "lt_33554432ns",
    "lt_67108864ns",
    "lt_134217728ns",
    "lt_268435456ns",
    "lt_536870912ns",
    "lt_1073741824ns",
    "lt_2147483648ns",
    "lt_4294967296ns",
    "lt_8589934592ns",
    "lt_17179869184ns",
    "lt_34359738368ns",
    "lt_68719476736ns",
    "ge_68719476736ns",
];
