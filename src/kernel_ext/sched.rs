// SPDX-License-Identifier: GPL-2.0

//! Tasks, and how long they waited for a CPU.
//!
//! C header: [`include/linux/sched.h`](srctree/include/linux/sched.h).
//! C source: [`kernel/sched/stats.h`](srctree/kernel/sched/stats.h)
//!
//! The scheduler writes into each task when it was queued and when a CPU took it, by the clock of the
//! CPU's runqueue. That clock is read once in each switch, so whoever takes the difference of the two
//! has to the nanosecond what the scheduler adds to the task's `run_delay`.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::bindings::task_struct;

/// Tells whether tasks say how long they wait: `CONFIG_SCHED_INFO`.
pub const HAS_SCHED_INFO: bool = cfg!(CONFIG_SCHED_INFO);

/// Refers to a task that a CPU switches from, or to: `struct task_struct`.
///
/// # Invariants
///
/// The pointer is to a task that stays valid for `'a`, and until then the lock of its runqueue is held,
/// under which alone its `sched_info` changes.
#[derive(Clone, Copy)]
pub struct SwitchedTask<'a>(NonNull<task_struct>, PhantomData<&'a ()>);

impl SwitchedTask<'_> {
    /// Makes a reference of what C passes.
    ///
    /// # Safety
    ///
    /// The type invariant must hold.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(task: NonNull<task_struct>) -> Self {
        // INVARIANT: By the function's contract.
        Self(task, PhantomData)
    }

    /// Returns since when the task waits to run, in nanoseconds of the runqueue's clock; 0 if it does not
    /// wait, as the idle task never does.
    ///
    /// It waits since it was woken, since a CPU took it off to run another one, or since it was moved to
    /// this CPU. Any context.
    #[cfg(CONFIG_SCHED_INFO)]
    #[inline(always)]
    pub fn last_queued(self) -> u64 {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).sched_info.last_queued }
    }

    /// Returns when a CPU took the task to run it, after it had waited, in nanoseconds of that CPU's
    /// runqueue's clock.
    ///
    /// Any context.
    #[cfg(CONFIG_SCHED_INFO)]
    #[inline(always)]
    pub fn last_arrival(self) -> u64 {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).sched_info.last_arrival }
    }

    /// Returns 0: this kernel does not tell.
    ///
    /// Any context.
    #[cfg(not(CONFIG_SCHED_INFO))]
    pub fn last_queued(self) -> u64 {
        0
    }

    /// Returns 0: this kernel does not tell.
    ///
    /// Any context.
    #[cfg(not(CONFIG_SCHED_INFO))]
    pub fn last_arrival(self) -> u64 {
        0
    }
}
