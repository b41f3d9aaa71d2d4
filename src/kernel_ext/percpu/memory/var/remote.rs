// SPDX-License-Identifier: GPL-2.0

//! What is done to the copies of other CPUs: they are read, and those of dead ones are emptied.
//!
//! Nothing is written to the copy of a CPU that runs. Its instructions have no lock prefix, so a write
//! between the load and the store of one would be lost, and with it what it took away.

use super::PerCpu;
use crate::{
    cpu::CpusHeld,
    cpuhp::DeadCpu,
    cpumask::{
        self,
        PossibleCpu, //
    },
    percpu::ops::{
        Flavour,
        PerCpuInt,
        PerCpuValue,
        Storage, //
    }, //
};

impl<T: PerCpuValue, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// Reads the copy of `cpu`, which may be any CPU, by one load.
    ///
    /// Equivalent to `READ_ONCE(*per_cpu_ptr(ptr, cpu))`. Any context.
    #[doc(alias = "per_cpu_ptr")]
    pub fn read_remote(&self, cpu: PossibleCpu) -> T {
        const {
            assert!(
                align_of::<T>() == size_of::<T>() && size_of::<T>() <= size_of::<usize>(),
                "a value is read by one load"
            )
        };

        // SAFETY: By the type invariant this is an initialised `T` that lives, and its CPU changes it
        // by single instructions. As a `PerCpuValue` it is aligned to its size, of at most a word, so
        // the load is one access, which sees each change whole or not at all.
        unsafe { self.per_cpu_ptr(cpu).read_volatile() }
    }

    /// Writes `value` to the copy of a dead CPU, and returns what was there.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn replace_dead(&self, cpu: &DeadCpu<'_>, value: T) -> T {
        let ptr = self.per_cpu_ptr(cpu.id());

        // SAFETY: By the type invariant this is an initialised, aligned `T` that lives. Its CPU is
        // dead and one task at a time has the proof of that, so nobody else writes. Others may read,
        // by one volatile load each, as this stores.
        unsafe {
            let old = ptr.read_volatile();
            ptr.write_volatile(value);
            old
        }
    }
}

impl<T: PerCpuInt, const N: usize, P: Storage, const OFFSET: usize> PerCpu<[T; N], P, OFFSET> {
    /// Reads the elements of the copy of `cpu`, which may be any CPU, by one load each.
    ///
    /// Any context.
    #[inline(always)]
    pub fn read_each_remote(&self, cpu: PossibleCpu) -> [T; N] {
        let first = self.per_cpu_ptr(cpu).cast::<T>();

        core::array::from_fn(|index| {
            // SAFETY: `from_fn` passes indices below `N`, so by the type invariant this is an
            // initialised, aligned `T` that lives, and its CPU changes it by single instructions.
            unsafe { first.add(index).read_volatile() }
        })
    }
}

impl<T: PerCpuInt, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// Adds up the copies of `cpus`, which wraps around.
    ///
    /// Copies are read one after another, so changes that happen meanwhile may be in the sum or not.
    /// Any context.
    pub fn sum(&self, cpus: impl Iterator<Item = PossibleCpu>) -> T {
        cpus.fold(T::ZERO, |sum, cpu| sum.plus(self.read_remote(cpu)))
    }

    /// Adds up the copies of all CPUs that may exist: every change that was ever made.
    ///
    /// Any context.
    pub fn sum_possible(&self) -> T {
        self.sum(cpumask::possible().iter())
    }

    /// Adds up the copies of the CPUs that are online.
    ///
    /// What CPUs that went offline left in their copies is not in the sum.
    pub fn sum_online(&self, cpus: &CpusHeld) -> T {
        self.sum(cpus.online())
    }

    /// Adds up the copies of the CPUs that are online, going offline, or offline since they were up:
    /// what `percpu_counter_sum()` walks.
    ///
    /// This needs no hotplug lock. [`sum_online`](Self::sum_online) without it would miss a CPU that has
    /// left `cpu_online_mask` and has not given away yet what is in its copy. Any context.
    pub fn sum_online_or_dying(&self) -> T {
        let (online, dying) = (cpumask::online(), cpumask::dying());
        let walk = cpumask::possible().iter();

        self.sum(walk.filter(|cpu| online.test(*cpu) || dying.test(*cpu)))
    }

    /// Empties the copy of a dead CPU, and returns what was there.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn take(&self, cpu: &DeadCpu<'_>) -> T {
        self.replace_dead(cpu, T::ZERO)
    }
}
