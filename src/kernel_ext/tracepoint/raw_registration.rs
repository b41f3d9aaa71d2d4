// SPDX-License-Identifier: GPL-2.0

//! The registration of a pair of a probe function and its data, whatever their types.
//!
//! C source: [`kernel/tracepoint.c`](srctree/kernel/tracepoint.c)

use core::ptr::NonNull;

use kernel::{
    bindings::tracepoint,
    error::to_result,
    prelude::*, //
};

use crate::bindings;

// CAST: A small number.
const PRIORITY: c_int = bindings::TRACEPOINT_DEFAULT_PRIO as c_int;

/// Keeps a probe function and its data on a tracepoint until it is dropped.
///
/// Dropping it takes the pair off, which sleeps. After that the function may still run, until
/// [`synchronize`](super::grace_period::synchronize) has returned.
///
/// C finds the probe that is to go by the pair of pointers, and says nothing if there is no such
/// pair. So both pointers are kept from the beginning: to name a function a second time may give
/// another address, because each crate has its own copy of a function that is generic or inlined.
///
/// # Invariants
///
/// `function` is registered at `tracepoint`, with `data`.
pub(super) struct RawRegistration {
    tracepoint: NonNull<tracepoint>,
    function: NonNull<c_void>,
    data: NonNull<c_void>,
}

// SAFETY: The pointers are passed to C alone, which has a lock for tracepoints.
unsafe impl Send for RawRegistration {}

// SAFETY: A shared reference gives access to nothing.
unsafe impl Sync for RawRegistration {}

impl RawRegistration {
    /// Registers a probe at a tracepoint: `tracepoint_probe_register_prio_may_exist()`.
    ///
    /// Sleeps. Fails with `EEXIST` if the tracepoint has the pair of `function` and `data` already,
    /// with `ENOMEM`, and as the tracepoint's own `regfunc` does.
    ///
    /// # Safety
    ///
    /// Until the result was dropped and [`synchronize`](super::grace_period::synchronize) has
    /// returned since then, the tracepoint must stay where it is, and it must be sound that the
    /// tracepoint calls `function` with `data` and its own arguments.
    pub(super) unsafe fn new(
        tracepoint: NonNull<tracepoint>,
        function: NonNull<c_void>,
        data: NonNull<c_void>,
    ) -> Result<Self> {
        // SAFETY: By the function's contract the tracepoint is there, and may call the function.
        to_result(unsafe {
            bindings::tracepoint_probe_register_prio_may_exist(
                tracepoint.as_ptr(),
                function.as_ptr(),
                data.as_ptr(),
                PRIORITY,
            )
        })?;

        // INVARIANT: It was just registered.
        Ok(Self {
            tracepoint,
            function,
            data,
        })
    }
}

impl Drop for RawRegistration {
    fn drop(&mut self) {
        // SAFETY: By the type invariant these three are what was registered, and by the contract of
        // `new` the tracepoint is still there. So C finds the probe, and this cannot fail.
        unsafe {
            bindings::tracepoint_probe_unregister(
                self.tracepoint.as_ptr(),
                self.function.as_ptr(),
                self.data.as_ptr(),
            );
        }
    }
}
