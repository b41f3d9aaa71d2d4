// SPDX-License-Identifier: GPL-2.0

//! What a local lock protects goes back with the lock.
//! error: `guard` does not live long enough

use kernel::prelude::*;
use kernel_ext::percpu::LocalLock;

fn main() -> Result {
    let locks = LocalLock::new(GFP_KERNEL, |_| Ok(0u32))?;
    let copy = {
        let mut guard = locks.try_lock().ok_or(EBUSY)?;
        &mut *guard
    };
    *copy = 1;
    Ok(())
}
