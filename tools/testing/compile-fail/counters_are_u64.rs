// SPDX-License-Identifier: GPL-2.0

//! Counters are `u64`: what tally shows and folds of a group it takes for an array of them.
//! error: no rules expected

use tally::counters;

counters! {
    struct Port {
        frames: u64,
        drops: u32,
    }
}
