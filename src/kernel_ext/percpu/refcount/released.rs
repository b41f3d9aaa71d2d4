// SPDX-License-Identifier: GPL-2.0

//! Waiting for something that happens once, in any context.
//!
//! C header: [`include/linux/completion.h`](srctree/include/linux/completion.h)

use kernel::{
    bindings::{
        complete,
        completion,
        init_completion,
        wait_for_completion, //
    },
    prelude::*,
    types::Opaque, //
};

/// Describes a completion that interrupts may complete, for any number of waiters.
///
/// `complete_all()` wakes all waiters in a loop, which is too long for an interrupt on PREEMPT_RT:
/// lockdep warns of it on every kernel where it checks for such things. So [`complete`](Self::complete)
/// wakes one waiter, and each waiter wakes the next.
#[pin_data]
pub(super) struct Released {
    #[pin]
    inner: Opaque<completion>,
}

// SAFETY: `struct completion` belongs to no thread.
unsafe impl Send for Released {}

// SAFETY: `struct completion` has a lock of its own, which C's functions take.
unsafe impl Sync for Released {}

impl Released {
    /// Makes a completion of what has not happened yet.
    ///
    /// Any context.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            // SAFETY: `slot` is valid for writes, and pinned.
            inner <- Opaque::ffi_init(|slot| unsafe { init_completion(slot) }),
        })
    }

    /// Completes it, which wakes a waiter: `complete()`.
    ///
    /// To be called once. Any context but NMI.
    pub(super) fn complete(&self) {
        // SAFETY: The completion was initialised by `new`, and is pinned.
        unsafe { complete(self.inner.get()) };
    }

    /// Sleeps until it has happened: `wait_for_completion()`.
    pub(super) fn wait(&self) {
        // SAFETY: The completion was initialised by `new`, and is pinned.
        unsafe { wait_for_completion(self.inner.get()) };
        // The wait has taken the completion. Others that wait, now or later, find it given back.
        self.complete();
    }
}
