// SPDX-License-Identifier: GPL-2.0

//! What Linux 7.2 lacks.

use kernel::{
    prelude::*,
    types::NotThreadSafe, //
};

use crate::bindings;

/// Says that two would wait for each other.
pub const EDEADLK: Error = error(bindings::EDEADLK);

/// Says that an operation is not supported here.
pub const EOPNOTSUPP: Error = error(bindings::EOPNOTSUPP);

/// Makes an error of C's number of it, as `Error` has no constructor that a constant may call.
const fn error(number: u32) -> Error {
    assert!(0 < number && number <= bindings::MAX_ERRNO);
    // CAST: It was just found to be small.
    let negated = -(number as i32);

    // SAFETY: `Error` has one field, a `NonZeroI32` in the range that was just checked, and is no
    // larger than that, or this would not compile. So the field is all of it.
    unsafe { core::mem::transmute::<i32, Error>(negated) }
}

/// Waits until all callbacks are over that `call_rcu()` was given before.
///
/// Sleeps.
pub fn rcu_barrier() {
    // SAFETY: May be called by whoever may sleep; who may not is told so.
    unsafe { bindings::rcu_barrier() };
}

/// Waits until all are over who read under RCU now.
///
/// Sleeps.
pub fn synchronize_rcu() {
    // SAFETY: As above.
    unsafe { bindings::synchronize_rcu() };
}

/// Proves that local interrupts are disabled, for as long as it lives.
///
/// # Invariants
///
/// Local interrupts are disabled for as long as a value of this type exists.
pub struct LocalInterruptDisabled(NotThreadSafe);

impl LocalInterruptDisabled {
    /// Returns the proof where local interrupts are known to be disabled.
    ///
    /// # Safety
    ///
    /// Local interrupts must be disabled for the whole life `'a`.
    pub(crate) unsafe fn assume_disabled<'a>() -> &'a Self {
        // INVARIANT: The caller vouches for it.
        const ASSUMED: &LocalInterruptDisabled = &LocalInterruptDisabled(NotThreadSafe);

        ASSUMED
    }
}

/// Initialises the memory at `slot`.
///
/// # Safety
///
/// As of `PinInit::__pinned_init()`: `slot` must be valid for writes and stay where it is, and what is
/// there after an error is not initialised.
pub(crate) unsafe fn raw_try_init<T, E>(slot: *mut T, init: impl PinInit<T, E>) -> Result<(), E> {
    // SAFETY: The caller vouches for it.
    unsafe { init.__pinned_init(slot) }
}
