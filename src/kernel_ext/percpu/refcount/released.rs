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

/// A completion that interrupts may complete, for any number of waiters.
///
/// `complete_all()` wakes all waiters at once, in a loop that is too long for interrupts on
/// PREEMPT_RT: lockdep warns of it wherever it checks on behalf of that. So one waiter is woken, and
/// each wakes the next.
#[pin_data]
pub(super) struct Released {
    #[pin]
    inner: Opaque<completion>,
}

// SAFETY: A completion belongs to no thread.
unsafe impl Send for Released {}

// SAFETY: A completion has a lock of its own.
unsafe impl Sync for Released {}

impl Released {
    /// Makes one that has not happened yet. Any context.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            // SAFETY: `slot` is valid for writes, and pinned.
            inner <- Opaque::ffi_init(|slot| unsafe { init_completion(slot) }),
        })
    }

    /// Says that it has happened: `complete()`. To be called once. Any context but NMI.
    pub(super) fn complete(&self) {
        // SAFETY: It was initialised by `new`.
        unsafe { complete(self.inner.get()) };
    }

    /// Sleeps until it has happened: `wait_for_completion()`.
    pub(super) fn wait(&self) {
        // SAFETY: It was initialised by `new`.
        unsafe { wait_for_completion(self.inner.get()) };
        // Who else waits, now or later, finds it as we did.
        self.complete();
    }
}
