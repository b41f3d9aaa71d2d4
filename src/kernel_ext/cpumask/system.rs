// SPDX-License-Identifier: GPL-2.0

//! The kernel's own masks, read-only, and what is looked up in them.

use kernel::{
    bindings::cpumask,
    bitmap::Bitmap,
    cpu::nr_cpu_ids, //
};

use super::{
    CpuMask,
    PossibleCpu, //
};
use crate::{
    bindings,
    bitmap::BitmapExt, //
};

/// Views one of the kernel's masks.
///
/// # Safety
///
/// `mask` must be one of the global masks, a subset of `cpu_possible_mask`.
unsafe fn view(mask: *const cpumask) -> &'static CpuMask {
    // CAST: Widening.
    let bits = nr_cpu_ids() as usize;

    // SAFETY: A global mask has `NR_CPUS` bits, of which `nr_cpu_ids`, an `int` in C, are in use.
    // It is never freed. C changes its words by atomic operations, and `BitmapExt` reads each by
    // one volatile load; `CpuMask` never lends the bitmap, so nobody changes it from here.
    let map = unsafe { Bitmap::from_raw(mask.cast(), bits) };

    // SAFETY: It has `nr_cpu_ids` bits; the caller vouches for the rest.
    unsafe { CpuMask::from_bitmap(map) }
}

/// Returns the CPUs that may come to exist in this boot: `cpu_possible_mask`.
pub fn possible() -> &'static CpuMask {
    // SAFETY: A subset of itself, and constant after boot.
    unsafe { view(&raw const bindings::__cpu_possible_mask) }
}

/// Returns the CPUs that are plugged in: `cpu_present_mask`.
pub fn present() -> &'static CpuMask {
    // SAFETY: Only possible CPUs are marked present.
    unsafe { view(&raw const bindings::__cpu_present_mask) }
}

/// Returns the CPUs that the firmware lets be brought up: `cpu_enabled_mask`.
///
/// Where firmware cannot withhold a CPU that is present, as on x86, it is equal to [`present`].
pub fn enabled() -> &'static CpuMask {
    // SAFETY: CPUs are marked enabled when they are registered, which only possible ones are.
    unsafe { view(&raw const bindings::__cpu_enabled_mask) }
}

/// Returns the CPUs that the scheduler may use, or that are on their way there or back:
/// `cpu_online_mask`.
pub fn online() -> &'static CpuMask {
    // SAFETY: Only possible CPUs are marked online.
    unsafe { view(&raw const bindings::__cpu_online_mask) }
}

/// Returns the CPUs to which tasks may be moved: `cpu_active_mask`.
pub fn active() -> &'static CpuMask {
    // SAFETY: Only possible CPUs are marked active.
    unsafe { view(&raw const bindings::__cpu_active_mask) }
}

/// Returns the CPUs that are on their way down, or went down: `cpu_dying_mask`.
///
/// A CPU enters it before its first teardown is called, while it is still [`online`], and leaves
/// it when it is brought up again. A CPU that was never up is not in it.
pub fn dying() -> &'static CpuMask {
    // SAFETY: Only CPUs that were online are marked dying.
    unsafe { view(&raw const bindings::__cpu_dying_mask) }
}

impl PossibleCpu {
    /// Returns the CPU with this number, if it is possible: `cpu_possible()`.
    ///
    /// Any context.
    pub fn new(cpu: u32) -> Option<Self> {
        // CAST: Widening.
        let possible = possible().0.test_bit(cpu as usize);

        // INVARIANT: It was just looked up, and the mask does not change after boot.
        possible.then_some(Self(cpu))
    }
}
