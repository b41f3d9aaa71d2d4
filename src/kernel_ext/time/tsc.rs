// SPDX-License-Identifier: GPL-2.0

//! The time stamp counter, where the kernel trusts it.
//!
//! C source: [`arch/x86/kernel/tsc.c`](srctree/arch/x86/kernel/tsc.c)

use kernel::sync::atomic::{
    Atomic,
    Relaxed,
    Release, //
};

use crate::{
    bindings,
    sync::read_once, //
};

/// Says how many bits of [`NS_PER_CYCLE`] stand behind the point.
const SHIFT: u32 = 32;

/// Says of which rate [`NS_PER_CYCLE`] is, in kHz: that of the TSC, or 0 before that is known.
static KHZ: Atomic<u32> = Atomic::new(0);

/// Holds the length of a cycle in nanoseconds, times 2^[`SHIFT`].
static NS_PER_CYCLE: Atomic<u64> = Atomic::new(0);

/// Returns the number of cycles: `rdtsc()`.
#[inline(always)]
pub(super) fn read() -> u64 {
    // SAFETY: Each CPU that runs x86-64 has the instruction, and the kernel may always execute it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Tells whether the TSC of a CPU runs at one rate that is known, as far as the kernel knows now.
///
/// The kernel finds out at boot, or later, if it does not: `check_tsc_unstable()`. A guest may be moved
/// to a machine whose TSC has another rate, of which nobody tells tsc.c but the paravirtual clock, unless
/// the hypervisor promises one rate.
///
/// Any context.
#[inline(always)]
pub(super) fn is_trusted() -> bool {
    // SAFETY: C changes it while it calibrates, by whole words.
    let khz = unsafe { (&raw const bindings::tsc_khz).read_volatile() };

    // ORDERING: x86 loads in order, so whoever sees the rate here sees the length of its cycle later.
    (khz == read_once(&KHZ) || learn(khz)) && !is_unstable()
}

/// Tells whether the kernel has found the TSC wanting: `check_tsc_unstable()`.
#[inline(always)]
fn is_unstable() -> bool {
    // SAFETY: May be called anywhere.
    unsafe { bindings::check_tsc_unstable() != 0 }
}

/// Computes the length of a cycle at this rate. Returns false if the TSC cannot be trusted whatever its
/// rate is.
#[cold]
#[inline(never)]
fn learn(khz: u32) -> bool {
    // SAFETY: Both read what is set in early boot, and constant since.
    let has_one_rate = unsafe { bindings::has_constant_tsc() || bindings::hypervisor_is_native() };

    if khz == 0 || !has_one_rate {
        return false;
    }

    // Who comes in between computes the same.
    NS_PER_CYCLE.store((1_000_000 << SHIFT) / u64::from(khz), Relaxed);
    // ORDERING: The rate is seen no earlier than the length of its cycle.
    KHZ.store(khz, Release);
    true
}

/// Returns how many nanoseconds as many halves of a cycle take, once [`is_trusted`] has been true.
///
/// Any context.
#[inline(always)]
pub(super) fn half_cycles_to_ns(halves: u64) -> u64 {
    let ns_per_cycle = read_once(&NS_PER_CYCLE);

    // CAST: What does not fit is longer than any machine has run.
    ((u128::from(halves) * u128::from(ns_per_cycle)) >> (SHIFT + 1)) as u64
}
