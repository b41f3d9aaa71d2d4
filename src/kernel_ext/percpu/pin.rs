// SPDX-License-Identifier: GPL-2.0

//! Staying on a CPU.

use kernel::{
    interrupt::LocalInterruptDisabled,
    types::NotThreadSafe, //
};

use crate::{
    bindings,
    cpumask::PossibleCpu, //
};

/// Proof that this task stays on its CPU: preemption or interrupts are disabled.
///
/// # Safety
///
/// While a value lives the task that holds it must not move to another CPU.
pub unsafe trait Pinned {
    /// The CPU that this is: `smp_processor_id()`. Any context.
    fn cpu(&self) -> PossibleCpu {
        raw_smp_processor_id()
    }
}

/// The CPU that this is, or, without a pin, was a moment ago: `raw_smp_processor_id()`. Any context.
pub fn raw_smp_processor_id() -> PossibleCpu {
    // SAFETY: May be called anywhere.
    let cpu = unsafe { bindings::raw_smp_processor_id() };

    // SAFETY: A CPU that runs is possible.
    unsafe { PossibleCpu::new_unchecked(cpu) }
}

/// Proof that this task stays on its CPU.
///
/// It keeps the task from moving, not interrupts from coming: code that runs under it must not
/// assume that it has the CPU's memory to itself. It must not sleep.
///
/// # Invariants
///
/// Preemption is disabled for as long as the guard lives.
pub struct CpuPin(NotThreadSafe);

/// Stays on this CPU until the guard is dropped: `get_cpu()`, or `get_cpu_var()` without the
/// variable. Any context.
pub fn get_cpu() -> CpuPin {
    // SAFETY: The guard pairs it with an enable.
    unsafe { bindings::preempt_disable() };

    // INVARIANT: Preemption was just disabled.
    CpuPin(NotThreadSafe)
}

impl CpuPin {
    /// The CPU that this is: `smp_processor_id()`. Any context.
    pub fn cpu(&self) -> PossibleCpu {
        Pinned::cpu(self)
    }
}

// SAFETY: By the type invariant preemption is disabled.
unsafe impl Pinned for CpuPin {}

// SAFETY: A task with interrupts disabled cannot be preempted. Where the type proves nothing about
// interrupts, on kernels without preemption, tasks leave a CPU only when they sleep.
unsafe impl Pinned for LocalInterruptDisabled {}

impl Drop for CpuPin {
    fn drop(&mut self) {
        // SAFETY: By the type invariant preemption is disabled by us.
        unsafe { bindings::preempt_enable() };
    }
}
