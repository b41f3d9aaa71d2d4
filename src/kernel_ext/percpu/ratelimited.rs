// SPDX-License-Identifier: GPL-2.0

//! Sums over the CPUs that are taken now and then.

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
    /// A CPU's part.
    struct Part {
        amount: i64,
        changes: u32,
    }
}

/// A signed counter whose CPUs are added up once in so many changes of each.
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
    /// Makes a counter of 0. May sleep if `flags` lets it. Fails with `ENOMEM`.
    pub fn new(every: u32, flags: Flags) -> Result<Self> {
        Ok(Self {
            parts: PerCpuBox::zeroed(flags)?,
            every,
            total: Atomic::new(0),
        })
    }

    /// Adds `amount`, which wraps around. Any context.
    pub fn add(&self, amount: i64) {
        self.parts.amount.add(amount);
        if self.parts.changes.inc_return() < self.every {
            return;
        }

        // A change that comes in between, or a move to another CPU, sets the next sum off by a few
        // changes: as good a time as any.
        self.parts.changes.write(0);
        self.total.store(self.sum(), Relaxed);
    }

    /// What the CPUs added up to when they were last added up. Any context.
    pub fn read(&self) -> i64 {
        self.total.load(Relaxed)
    }

    /// Adds up all possible CPUs. Any context.
    ///
    /// Changes that happen meanwhile may be in the sum or not.
    pub fn sum(&self) -> i64 {
        self.parts.amount.sum(cpumask::possible().iter())
    }
}
