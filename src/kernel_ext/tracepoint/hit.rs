// SPDX-License-Identifier: GPL-2.0

//! Probes that do not look at what the event tells.
//!
//! A tracepoint calls its probes with their data and then the event's arguments, whatever these
//! are. A function that takes the data alone can be called so: the calling convention of C on x86-64
//! has the caller pass arguments and clean up behind them, and the callee does not read the
//! registers and stack slots that it has no parameters for. So one function serves every tracepoint.
//!
//! The C standard does not define what a call through a pointer of another type does. Here it never
//! sees one: the kernel keeps probes as `void *`, and the call is made by the code of the
//! tracepoint, which was compiled apart from the probe. What remains is the convention of the
//! machine, which defines it. A kernel with CONFIG_CFI (kCFI, FineIBT) is another matter: it
//! compares the type of each function that is called by its address, and would trap. kernel_ext does
//! not compile for such a kernel.

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

/// The function of a probe that does not look at arguments: it takes the probe's data alone.
pub type HitFn = unsafe extern "C" fn(data: *mut c_void);

/// What is done whenever an event happens, whatever the event tells.
///
/// No safe code can make one, because no type holds a function to what it must do without. What
/// there is needs no code of one's own: a [`PerCpu<u64>`] or a [`Slot`] counts, and an
/// [`Interval`](super::Interval) measures the time between two events.
///
/// # Safety
///
/// [`PROBE`](Self::PROBE) must be sound to call with the address of any `Self` that lives, in every
/// context in which a tracepoint is passed, and must do without all that the contract of
/// [`Probe`](super::Probe) lists.
pub unsafe trait Hit: Send + Sync + 'static {
    /// The function that tracepoints call, with the address of a `Self` as its data.
    ///
    /// A function of `#[inline(never)]` that is not generic has one address in all crates. By that
    /// address and the data the kernel finds out that a probe is on a tracepoint already; of any
    /// other function each crate has a copy, which the kernel takes for another probe.
    const PROBE: HitFn;
}

// SAFETY: The function is one addition to this CPU's copy, by a single instruction on x86-64 and
// with interrupts off elsewhere, and returns. The variable's memory is always mapped, so the
// instruction does not fault.
unsafe impl Hit for PerCpu<u64> {
    const PROBE: HitFn = probe;
}

/// Counts. The probe is one instruction on this CPU's copy, and the return.
///
/// # Safety
///
/// `data` must be the address of a `PerCpu<u64>` that lives.
#[inline(never)]
unsafe extern "C" fn probe(data: *mut c_void) {
    // SAFETY: By the function's contract. It is an address in the per-CPU address space, where
    // there is no memory; as the type has no size, the address is all that there is to a reference.
    unsafe { &*data.cast::<PerCpu<u64>>() }.inc();
}

/// Keeps something alive that is hit by events.
///
/// # Safety
///
/// [`target`](Self::target) must always return the same address, also after the owner has moved, and
/// what is there must live, and must not be borrowed exclusively, until the owner is dropped.
pub unsafe trait Owner: Send + Sync + 'static {
    /// What is hit.
    type Target: Hit;

    /// Returns what is hit.
    fn target(&self) -> &Self::Target;
}

// SAFETY: What an `Arc` points to does not move, and lives until the last `Arc` is dropped; nobody
// can borrow it exclusively meanwhile, as only a `UniqueArc` lends that.
unsafe impl<H: Hit> Owner for Arc<H> {
    type Target = H;

    fn target(&self) -> &H {
        self
    }
}

// SAFETY: A reference to a per-CPU variable is its address in the per-CPU address space, which
// does not change. The slot keeps its variable until it is dropped, and lends it shared alone.
unsafe impl Owner for Slot {
    type Target = PerCpu<u64>;

    fn target(&self) -> &PerCpu<u64> {
        self
    }
}
