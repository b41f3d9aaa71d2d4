// SPDX-License-Identifier: GPL-2.0

//! CPUs of which this thread says what they do.

use core::cell::Cell;

use crate::cpumask::{
    PossibleCpu,
    CPUS, //
};

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(0) };
    static ONLINE: Cell<[bool; CPUS]> = const { Cell::new([true; CPUS]) };
}

/// Runs what follows on a CPU.
pub fn run_on(cpu: usize) {
    CURRENT.set(cpu);
}

/// Returns the CPU that this runs on.
pub fn current() -> usize {
    CURRENT.get()
}

/// Has a CPU be up or not.
pub fn set_online(cpu: usize, online: bool) {
    let mut all = ONLINE.get();
    all[cpu] = online;
    ONLINE.set(all);
}

/// Stands for the hotplug lock, held for reading.
pub struct CpusReadGuard(());

impl CpusReadGuard {
    /// Takes the lock, which is free.
    pub fn new() -> Self {
        Self(())
    }

    /// Walks the CPUs that are up.
    pub fn online(&self) -> impl Iterator<Item = PossibleCpu> {
        (0..CPUS).filter(|cpu| ONLINE.get()[*cpu]).map(PossibleCpu)
    }
}

impl Default for CpusReadGuard {
    fn default() -> Self {
        Self::new()
    }
}
