// SPDX-License-Identifier: GPL-2.0

//! The name of a counter is a key of the file.
//! error: a counter is called [a-z][a-z0-9_]*

use kernel::prelude::*;
use tally::{
    counters,
    Group, //
};

counters! {
    struct Port {
        _frames: u64,
    }
}

#[no_mangle]
fn main() -> Result {
    Group::<Port>::new(c"port")?;
    Ok(())
}
