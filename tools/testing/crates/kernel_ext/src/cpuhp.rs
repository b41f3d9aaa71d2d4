// SPDX-License-Identifier: GPL-2.0

//! What the callbacks of CPU hotplug are told.

use core::marker::PhantomData;

use crate::cpumask::PossibleCpu;

/// Proves that a CPU is dead.
pub struct DeadCpu<'a>(PossibleCpu, PhantomData<&'a ()>);

impl DeadCpu<'_> {
    /// Makes a proof, if the caller says so.
    pub fn new(id: usize) -> Self {
        Self(PossibleCpu(id), PhantomData)
    }

    /// Returns which CPU it is.
    pub fn id(&self) -> PossibleCpu {
        self.0
    }
}
