// SPDX-License-Identifier: GPL-2.0

//! A kernel that is locked down, or not.

use core::cell::Cell;

use kernel::error::{
    code::EPERM,
    Result, //
};

thread_local! {
    static LOCKED_DOWN: Cell<bool> = const { Cell::new(false) };
}

/// Says what is asked for.
pub enum LockdownReason {
    Tracefs,
}

/// Locks this thread's kernel down, or not.
pub fn lock_down(locked: bool) {
    LOCKED_DOWN.set(locked);
}

/// Fails if the kernel is locked down.
pub fn locked_down(_: LockdownReason) -> Result {
    if LOCKED_DOWN.get() {
        return Err(EPERM);
    }
    Ok(())
}
