// SPDX-License-Identifier: GPL-2.0

//! Per-CPU variables: a number for each of two CPUs.

use core::{
    array,
    marker::PhantomData,
    ops::Deref,
    sync::atomic::{
        AtomicU64,
        AtomicUsize,
        Ordering::Relaxed, //
    }, //
};
use std::sync::Arc;

use kernel::{
    alloc::{
        allocate,
        Flags, //
    },
    error::Result, //
};

use crate::{
    cpu::{
        self,
        CpusReadGuard, //
    },
    cpuhp::DeadCpu,
    cpumask::{
        PossibleCpu,
        CPUS, //
    }, //
};

#[path = "../../../../../src/kernel_ext/percpu/histogram.rs"]
mod histogram;

pub use self::histogram::Histogram;

mod memory {
    //! What histogram.rs imports from here.

    pub(super) use super::Array;
}

/// Holds a number for each CPU.
pub struct PerCpu<T> {
    copies: [AtomicU64; CPUS],
    _type: PhantomData<T>,
}

impl<T> PerCpu<T> {
    fn zeroed() -> Self {
        Self {
            copies: array::from_fn(|_| AtomicU64::new(0)),
            _type: PhantomData,
        }
    }

    /// Adds one to the copy of the CPU that this runs on.
    pub fn inc(&self) {
        self.copies[cpu::current()].fetch_add(1, Relaxed);
    }

    /// Reads the copy of a CPU.
    pub fn read_remote(&self, cpu: PossibleCpu) -> u64 {
        self.copies[cpu.0].load(Relaxed)
    }

    /// Adds up the copies of some CPUs.
    pub fn sum(&self, cpus: impl Iterator<Item = PossibleCpu>) -> u64 {
        cpus.fold(0, |sum, cpu| sum.wrapping_add(self.read_remote(cpu)))
    }

    /// Empties the copy of a dead CPU, and returns what was there.
    pub fn take(&self, cpu: &DeadCpu<'_>) -> u64 {
        self.copies[cpu.id().0].swap(0, Relaxed)
    }
}

/// Sums counters over the CPUs that are up, one by one.
pub struct LineSums<'a>(&'a CpusReadGuard);

impl<'a> LineSums<'a> {
    /// Starts without sums.
    pub fn new(cpus: &'a CpusReadGuard) -> Self {
        Self(cpus)
    }

    /// Returns the sum of a counter.
    pub fn sum(&self, counter: &PerCpu<u64>) -> u64 {
        counter.sum(self.0.online())
    }
}

/// Owns counters side by side.
pub struct Array<T>(Vec<PerCpu<T>>);

impl<T> Array<T> {
    /// Allocates `len` counters.
    pub fn zeroed(len: usize, _: Flags) -> Result<Self> {
        allocate()?;
        Ok(Self((0..len).map(|_| PerCpu::zeroed()).collect()))
    }

    /// Returns the counter at `index`.
    pub fn get(&self, index: usize) -> Option<&PerCpu<T>> {
        self.0.get(index)
    }
}

/// Gives out counters, and knows how many are out.
pub struct Slots {
    out: Arc<AtomicUsize>,
}

impl Slots {
    /// Gives out none yet.
    pub fn new() -> Result<Self, core::convert::Infallible> {
        Ok(Self {
            out: Arc::new(AtomicUsize::new(0)),
        })
    }

    /// Returns a counter that nobody else has.
    pub fn alloc(&self, _: Flags) -> Result<Slot> {
        allocate()?;
        self.out.fetch_add(1, Relaxed);
        Ok(Slot(Arc::new(Taken {
            counter: PerCpu::zeroed(),
            out: self.out.clone(),
        })))
    }

    /// Frees what nobody has, which is nothing here.
    pub fn trim(&self) {}

    /// Returns how many counters are out.
    pub fn capacity(&self) -> usize {
        self.out.load(Relaxed)
    }
}

struct Taken {
    counter: PerCpu<u64>,
    out: Arc<AtomicUsize>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.out.fetch_sub(1, Relaxed);
    }
}

/// Refers to a counter.
#[derive(Clone)]
pub struct Slot(Arc<Taken>);

impl Deref for Slot {
    type Target = PerCpu<u64>;

    fn deref(&self) -> &PerCpu<u64> {
        &self.0.counter
    }
}
