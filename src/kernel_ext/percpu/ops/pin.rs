// SPDX-License-Identifier: GPL-2.0

//! Staying on a CPU, and which one that is.
//!
//! C headers: [`include/linux/preempt.h`](srctree/include/linux/preempt.h),
//! [`include/linux/smp.h`](srctree/include/linux/smp.h)

use kernel::types::NotThreadSafe;

use crate::{
    bindings,
    compat::LocalInterruptDisabled,
    cpumask::PossibleCpu, //
};

/// Proves that this task stays on its CPU: preemption or interrupts are disabled.
///
/// The proof holds as long as its owner keeps the rule not to sleep meanwhile. A task that sleeps may
/// wake up on another CPU and still have the pin. So no memory safety depends on a pin: what asks for
/// one ([`pinned`](crate::percpu::PerCpu::pinned), [`PerCpuShared::get`](crate::percpu::PerCpuShared::get)) is
/// sound on any CPU, and only gives another result. A [`LocalLock`](crate::percpu::LocalLock), which
/// lends `&mut` to a CPU's copy, asks for the CPU again when the copy comes back.
///
/// Guards of this crate alone implement it.
pub trait Pinned: private::Sealed {
    /// Returns the CPU that this is: `smp_processor_id()`.
    ///
    /// Any context.
    fn cpu(&self) -> PossibleCpu {
        raw_smp_processor_id()
    }
}

/// Returns the CPU that this is, or, without a pin, was a moment ago: `raw_smp_processor_id()`.
///
/// Any context.
pub fn raw_smp_processor_id() -> PossibleCpu {
    // SAFETY: Reads a variable of this CPU, which may be done in any context.
    let cpu = unsafe { bindings::raw_smp_processor_id() };

    // SAFETY: A CPU that runs is online, and online CPUs are set in `cpu_possible_mask`.
    unsafe { PossibleCpu::new_unchecked(cpu) }
}

/// Keeps this task on its CPU by disabling preemption, for as long as the guard lives.
///
/// It keeps the task from moving, not interrupts from coming: code that runs under it must not
/// assume that it has the CPU's memory to itself. It must not sleep.
///
/// # Invariants
///
/// Preemption is disabled for as long as the guard lives.
pub struct CpuPin(NotThreadSafe);

/// Disables preemption until the guard is dropped: `get_cpu()`, or `get_cpu_var()` without the
/// variable.
///
/// Any context.
pub fn get_cpu() -> CpuPin {
    // SAFETY: May be called in any context. The guard enables preemption once when it is dropped.
    unsafe { bindings::preempt_disable() };

    // INVARIANT: Preemption was just disabled.
    CpuPin(NotThreadSafe)
}

impl CpuPin {
    /// Returns the CPU that this is: `smp_processor_id()`.
    ///
    /// Any context.
    pub fn cpu(&self) -> PossibleCpu {
        Pinned::cpu(self)
    }
}

impl Pinned for CpuPin {}

impl Pinned for LocalInterruptDisabled {}

mod private {
    pub trait Sealed {}

    impl Sealed for super::CpuPin {}
    impl Sealed for super::LocalInterruptDisabled {}
}

impl Drop for CpuPin {
    fn drop(&mut self) {
        // SAFETY: By the type invariant preemption was disabled once for this guard, and not enabled
        // since.
        unsafe { bindings::preempt_enable() };
    }
}
