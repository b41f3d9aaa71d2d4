// SPDX-License-Identifier: GPL-2.0

//! A counter is there as long as its group.
//! error: cannot return value referencing local variable `port`

use kernel::prelude::*;
use kernel_ext::percpu::PerCpu;
use tally::{
    counters,
    Group, //
};

counters! {
    struct Port {
        frames: u64,
    }
}

fn frames<'a>() -> Result<&'a PerCpu<u64>> {
    let port = Group::<Port>::new(c"port")?;

    Ok(port.frames.as_allocated())
}
