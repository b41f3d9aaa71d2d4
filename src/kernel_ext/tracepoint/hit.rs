// SPDX-License-Identifier: GPL-2.0

//! Probes that do not look at what the event tells.
//!
//! A tracepoint calls its probes with their data and then the event's arguments, whatever these
//! are. A function that takes the data alone can be called so: the ABI of C has the caller pass
//! arguments and clean up behind them, and registers and stack slots that the callee does not
//! read harm nobody. So one function serves every tracepoint.
//!
//! A kernel with CONFIG_CFI compares the type of each function that is called by its address, and
//! would trap there.

use kernel::{
    prelude::*,
    sync::Arc, //
};

use crate::percpu::{
    PerCpu,
    Slot, //
};

#[cfg(CONFIG_CFI)]
compile_error!("probes without arguments are called with some, which CONFIG_CFI traps");

/// What is done whenever an event happens.
pub trait Hit: Send + Sync + 'static {
    /// Called in the context in which the event happens: perhaps with interrupts off, a runqueue
    /// lock held, or in an NMI. So it must not sleep, lock, allocate or print, nor pass a
    /// tracepoint that it is attached to.
    fn hit(&self);
}

/// Counts. The probe is one instruction on this CPU's copy, and the return.
impl Hit for PerCpu<u64> {
    #[inline(always)]
    fn hit(&self) {
        self.inc();
    }
}

/// Who keeps something alive that is hit.
///
/// # Safety
///
/// [`target`](Self::target) must always return the same address, also after the owner has moved.
pub unsafe trait Owner: Send + Sync + 'static {
    /// What is hit.
    type Target: Hit;

    /// The one that is hit.
    fn target(&self) -> &Self::Target;
}

// SAFETY: What an `Arc` points to does not move.
unsafe impl<H: Hit> Owner for Arc<H> {
    type Target = H;

    fn target(&self) -> &H {
        self
    }
}

// SAFETY: A reference to a per-CPU variable is its address in the per-CPU address space, which
// does not change.
unsafe impl Owner for Slot {
    type Target = PerCpu<u64>;

    fn target(&self) -> &PerCpu<u64> {
        self
    }
}

/// The function that tracepoints call, of any number of arguments.
///
/// # Safety
///
/// `data` must be the address of an `H` that lives.
pub(super) unsafe extern "C" fn probe<H: Hit>(data: *mut c_void) {
    // SAFETY: By the function's contract. If `H` has no size, the address is all that there is to
    // a reference.
    unsafe { &*data.cast::<H>() }.hit();
}
