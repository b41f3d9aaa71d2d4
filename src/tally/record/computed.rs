// SPDX-License-Identifier: GPL-2.0

//! Values that are computed of counters.
//!
//! A probe that counts once what several keys tell leaves it to readers to add up.

use kernel_ext::{
    cpuhp::DeadCpu,
    cpumask::PossibleCpu,
    percpu::LineSums, //
};

use super::Key;

/// Names a part of what was counted, or all of it.
#[derive(Clone, Copy)]
pub(crate) enum Section<'a> {
    /// All: what the online CPUs have counted, and what was folded.
    Total(&'a LineSums<'a>),
    /// What one CPU has counted.
    Cpu(PossibleCpu),
    /// What was folded of the CPUs that have gone.
    Folded,
}

/// Says how many keys may have values that are computed.
pub(crate) const MAX_COMPUTED: usize = 16;

/// Computes the values of a record's keys of what is counted in fewer slots, or in those of others.
///
/// A value must be a sum, in which the sections add up to the total.
pub(crate) trait Computed {
    /// Returns the keys, in the order of the file.
    fn keys(&self) -> &[Key];

    /// Computes the values of the keys in a section.
    fn compute(&self, section: Section<'_>) -> [u64; MAX_COMPUTED];

    /// Moves what a dead CPU has counted in slots of its own to where it is kept for ever.
    fn fold(&self, cpu: &DeadCpu<'_>);
}
