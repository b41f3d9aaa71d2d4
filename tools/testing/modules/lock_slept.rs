// SPDX-License-Identifier: GPL-2.0

//! Test module: sleeps with a local lock, is moved to another CPU, and tries to get one copy twice.
//!
//! Loading it fails unless no copy is lent twice. Nothing here is `unsafe`.

use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use kernel_ext::percpu::{
    raw_smp_processor_id,
    LocalLock, //
};

module! {
    type: LockSlept,
    name: "lock_slept",
    authors: ["The tally developers"],
    description: "Test of kernel_ext::percpu::LocalLock: a holder that sleeps",
    license: "GPL",
}

struct LockSlept;

/// Sleeps until the test has moved this task to another CPU than `home`.
fn move_away() -> Result {
    let home = raw_smp_processor_id();

    pr_info!("holds the lock of CPU {home}\n");
    for _ in 0..600 {
        fsleep(Delta::from_millis(50));
        if raw_smp_processor_id() != home {
            return Ok(());
        }
    }
    Err(ETIMEDOUT)
}

/// Complains, and fails, unless `holds`.
fn check(what: &str, holds: bool) -> Result {
    if holds {
        return Ok(());
    }
    pr_info!("it does not hold that {what}\n");
    Err(EINVAL)
}

impl kernel::Module for LockSlept {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let locks = LocalLock::new(GFP_KERNEL, |cpu| Ok(cpu))?;

        let first = locks.try_lock().ok_or(EBUSY)?;
        move_away()?;

        let second = locks.try_lock().ok_or(EBUSY)?;
        check("each has its own copy", *first != *second)?;
        check("this copy is taken", locks.try_lock().is_none())?;

        // It is another CPU's lock. Who gave back the lock of the CPU that this is would let a third
        // holder have the second's copy.
        drop(first);
        let third = locks.try_lock();
        check("this copy is still taken", third.is_none())?;

        drop(second);
        check("this copy is free", locks.try_lock().is_some())?;
        Ok(Self)
    }
}
