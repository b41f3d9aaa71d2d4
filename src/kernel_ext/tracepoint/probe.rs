// SPDX-License-Identifier: GPL-2.0

//! Tracepoints that are known at compile time, and the contract of probes on them.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

use core::ptr::NonNull;

use kernel::prelude::*;

/// Describes a tracepoint of the kernel: its name, and the type of its arguments.
///
/// # Safety
///
/// `probe` must return a function that the tracepoint called `NAME` may call, with a pointer to
/// `P` as its data, and that does no more than to call `P::call`.
pub unsafe trait Tracepoint: 'static {
    /// Names the tracepoint, without the system of its event.
    const NAME: &'static CStr;

    /// Holds the arguments that its probes are called with.
    type Args<'a>;

    /// Returns the probe function for probes of the type `P`, to be called from C.
    #[doc(hidden)]
    fn probe<P: Probe<Self>>() -> NonNull<c_void>
    where
        Self: Sized;
}

/// Handles one tracepoint, with the tracepoint's arguments.
///
/// The value is the probe's data, and [`call`](Self::call) is its function. No safe code can make
/// one, because no type holds a function to what it must do without. The
/// [module](crate::tracepoint) lists those that there are.
///
/// # Safety
///
/// A tracepoint is passed with whatever its code holds at that place: with interrupts off, under
/// any spinlock, such as a runqueue's or the allocator's, in the middle of an interrupt or an NMI,
/// on a stack of which little may be left. It may be passed on all CPUs at once, and again on the
/// same CPU between any two instructions of the probe. So [`call`](Self::call), with all that it
/// calls,
///
/// - must not sleep, nor take a lock, nor wait for another CPU or for what it interrupts,
/// - must not allocate or free memory, print, wake, queue work, or do anything else that passes a
///   tracepoint that leads back to it,
/// - must not panic or fault, not even where its caller would handle the fault,
/// - must return after a number of instructions that has a bound, with a small frame, and leave
///   preemption, interrupts and RCU as it found them,
/// - must be sound if it is called so: `&self` is shared with all these calls.
///
/// What it may rely on: RCU is watching, and the CPU is online, but the task may change its CPU in
/// the middle unless the tracepoint is passed with preemption off. The probe itself is dropped in a
/// task that may sleep, when all calls have returned.
pub unsafe trait Probe<T: Tracepoint>: Send + Sync + 'static {
    /// Does what is to be done when the tracepoint is passed with these arguments.
    ///
    /// In any context, NMI included, unless the tracepoint says more.
    fn call(&self, args: T::Args<'_>);
}
