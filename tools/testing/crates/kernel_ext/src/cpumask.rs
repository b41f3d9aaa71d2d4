// SPDX-License-Identifier: GPL-2.0

//! Two CPUs.

/// Counts the CPUs, all of which are possible.
pub const CPUS: usize = 2;

/// Numbers a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PossibleCpu(pub usize);

/// Stands for `cpu_possible_mask`.
pub struct Possible;

/// Returns the CPUs that may exist.
pub fn possible() -> Possible {
    Possible
}

impl Possible {
    pub fn weight(&self) -> u32 {
        2
    }

    pub fn iter(&self) -> impl Iterator<Item = PossibleCpu> {
        (0..CPUS).map(PossibleCpu)
    }
}
