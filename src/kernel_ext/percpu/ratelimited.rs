// SPDX-License-Identifier: GPL-2.0

//! Sums over the CPUs that are taken now and then.
//!
//! C source: [`fs/buffer.c`](srctree/fs/buffer.c), `recalc_bh_state()`

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

use super::memory::PerCpuBox;
use crate::{
    cpumask,
    per_cpu_struct, //
};

per_cpu_struct! {
    /// Holds what a CPU added, and how often.
    struct Part {
        amount: i64,
        changes: u32,
    }
}

/// Counts up and down, and adds the CPUs up once in so many changes of each.
///
/// This is what fs/buffer.c does to the number of buffer heads (`recalc_bh_state()`), to know
/// whether there are too many: a change is two instructions on memory of this CPU, and each CPU's
/// `every`th one adds up all CPUs and leaves the result for [`read`](Self::read). So reading is one
/// load, and the result is what it was at most `every` changes of each CPU ago.
///
/// A [`PerCpuCounter`](super::PerCpuCounter) never walks the CPUs to change or to read, but has a
/// lock, which CPUs meet at when their parts are full, and is off by the size of the changes
/// rather than by their number.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::percpu::{
///     get_cpu,
///     RatelimitedSum, //
/// };
///
/// let heads = RatelimitedSum::new(3, GFP_KERNEL)?;
///
/// // On one CPU, so that it is the third change that adds up.
/// let pin = get_cpu();
/// heads.add(10);
/// heads.add(10);
/// assert_eq!((heads.read(), heads.sum()), (0, 20));
/// heads.add(-5);
/// assert_eq!((heads.read(), heads.sum()), (15, 15));
/// # drop(pin);
/// # Ok::<(), Error>(())
/// ```
pub struct RatelimitedSum {
    parts: PerCpuBox<Part>,
    every: u32,
    total: Atomic<i64>,
}

impl RatelimitedSum {
    /// Makes a counter of 0 whose CPUs each add up after `every` changes.
    ///
    /// May sleep if `flags` lets it. Fails as [all allocations](crate::percpu#errors) do.
    pub fn new(every: u32, flags: Flags) -> Result<Self> {
        Ok(Self {
            parts: PerCpuBox::zeroed(flags)?,
            every,
            total: Atomic::new(0),
        })
    }

    /// Adds `amount`, which wraps around.
    ///
    /// Any context.
    pub fn add(&self, amount: i64) {
        self.parts.amount.add(amount);
        if self.parts.changes.inc_return() < self.every {
            return;
        }

        // If an interrupt changes the counter here, or the task is moved to another CPU, the next sum
        // comes a few changes earlier or later, which is no worse.
        self.parts.changes.write(0);
        // ORDERING: Relaxed: readers take the number by itself.
        self.total.store(self.sum(), Relaxed);
    }

    /// Returns what the CPUs added up to when they were last added up.
    ///
    /// Any context.
    pub fn read(&self) -> i64 {
        // ORDERING: Relaxed: the number guards no other data.
        self.total.load(Relaxed)
    }

    /// Adds up all possible CPUs.
    ///
    /// Changes that happen meanwhile may be in the sum or not. Any context.
    pub fn sum(&self) -> i64 {
        self.parts.amount.sum(cpumask::possible().iter())
    }
}
