// SPDX-License-Identifier: GPL-2.0

//! A struct of counters has the size of its counters.
//! error: counters are u64 and nothing else

use tally::counters;

counters! {
    #[repr(align(64))]
    struct Port {
        frames: u64,
    }
}
