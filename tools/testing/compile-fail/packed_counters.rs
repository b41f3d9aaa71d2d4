// SPDX-License-Identifier: GPL-2.0

//! Counters are aligned, whatever attributes their struct has.
//! error: a per-CPU struct must keep its fields aligned

use tally::counters;

counters! {
    #[repr(packed(4))]
    struct Port {
        frames: u64,
        bytes: u64,
    }
}
