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
/// It is a proof for those who keep the rule that one does not sleep meanwhile. A task that does may
/// wake up on another CPU with the pin in its hand. So no memory safety depends on a pin: what it is
/// asked for ([`pinned`](crate::percpu::PerCpu::pinned), [`PerCpuShared::get`](crate::percpu::PerCpuShared::get)) is
/// sound on any CPU, and only gives another result. A [`LocalLock`](crate::percpu::LocalLock), which does
/// lend by CPU, looks again.
///
/// Guards of this crate alone implement it.
pub trait Pinned: private::Sealed {
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

impl Pinned for CpuPin {}

impl Pinned for LocalInterruptDisabled {}

mod private {
    pub trait Sealed {}

    impl Sealed for super::CpuPin {}
    impl Sealed for super::LocalInterruptDisabled {}
}

impl Drop for CpuPin {
    fn drop(&mut self) {
        // SAFETY: By the type invariant preemption is disabled by us.
        unsafe { bindings::preempt_enable() };
    }
}
