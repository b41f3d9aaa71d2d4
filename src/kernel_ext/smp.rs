// SPDX-License-Identifier: GPL-2.0

//! Calls of functions on other CPUs.
//!
//! C header: [`include/linux/smp.h`](srctree/include/linux/smp.h)

use kernel::{
    bindings::{
        __cpu_online_mask,
        on_each_cpu_cond_mask, //
    },
    prelude::*, //
};

use crate::{
    compat::{
        LocalInterruptDisabled,
        EDEADLK, //
    },
    context,
    cpu::CpusHeld, //
};

/// Runs `func` on every CPU that is online, and waits until all have: `on_each_cpu()`.
///
/// On other CPUs it runs in an interrupt, on this one with interrupts disabled: it must not sleep.
///
/// Fails with `EDEADLK`, and runs nothing, in an interrupt, in a softirq and with interrupts disabled,
/// where two CPUs could wait for each other. Does not sleep.
///
/// This is how each CPU makes its own copy of a variable ready. On a CPU that comes up later it has not
/// run: what such a CPU needs is for a [hotplug state](crate::cpuhp) to do.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     cpu::cpus_read_lock,
///     percpu::{
///         PerCpuBox,
///         Pinned, //
///     },
///     smp::on_each_cpu, //
/// };
///
/// let id = PerCpuBox::<u32>::zeroed(GFP_KERNEL)?;
/// let cpus = cpus_read_lock();
///
/// on_each_cpu(&cpus, |irq| id.pinned(irq).write(irq.cpu().as_u32()))?;
/// assert!(cpus.online().all(|cpu| id.read_remote(cpu) == cpu.as_u32()));
/// # Ok::<(), Error>(())
/// ```
pub fn on_each_cpu<F>(_cpus: &CpusHeld, func: F) -> Result
where
    F: Fn(&LocalInterruptDisabled) + Sync,
{
    if !context::may_wait_for_cpus() {
        return Err(EDEADLK);
    }

    // SAFETY: `call` asks for a pointer to an `F`, which `func` is. Other CPUs may share it, and it lives
    // until all are done, as `true` says to wait for them. The mask is the kernel's own.
    unsafe {
        on_each_cpu_cond_mask(
            None,
            Some(call::<F>),
            (&raw const func).cast_mut().cast(),
            true,
            &raw const __cpu_online_mask,
        )
    };
    Ok(())
}

/// Calls a closure: its `smp_call_func_t`.
///
/// # Safety
///
/// To be called by `on_each_cpu_cond_mask()` with a pointer to an `F` alone.
unsafe extern "C" fn call<F: Fn(&LocalInterruptDisabled)>(info: *mut c_void) {
    // SAFETY: By the function's contract `info` points to an `F`. `on_each_cpu` lends it until all CPUs
    // are done, and `F` may be shared with them.
    let func = unsafe { &*info.cast::<F>() };

    // SAFETY: The kernel calls with interrupts disabled, and they stay so until this returns.
    func(unsafe { LocalInterruptDisabled::assume_disabled() });
}
