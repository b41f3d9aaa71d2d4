// SPDX-License-Identifier: GPL-2.0

//! Nobody gets at a CPU's copy by the side of who has its lock.
//! error: cannot borrow `locks` as mutable because it is also borrowed as immutable

use kernel::prelude::*;
use kernel_ext::percpu::{
    get_cpu,
    LocalLock, //
};

fn main() -> Result {
    let mut locks = LocalLock::new(GFP_KERNEL, |_| Ok(0u32))?;
    let pin = get_cpu();
    let guard = locks.try_lock().ok_or(EBUSY)?;
    *locks.get_mut(pin.cpu()) = 1;
    drop(guard);
    Ok(())
}
