// SPDX-License-Identifier: GPL-2.0

//! What callbacks are told: a CPU, and proof of what it does.

use core::marker::PhantomData;

use crate::{
    cpu::CpusHeld,
    cpumask::PossibleCpu, //
};

/// Proof that a CPU is dead: it executes nothing, and nobody brings it up meanwhile.
///
/// A CPU that was kicked and does not come up may wait in the boot code for ever, which touches
/// nothing of anybody else.
///
/// # Invariants
///
/// For `'a` the CPU is dead and the CPU hotplug lock is held.
pub struct DeadCpu<'a> {
    id: PossibleCpu,
    cpus: CpusHeld,
    _callback: PhantomData<&'a ()>,
}

impl DeadCpu<'_> {
    /// Takes a CPU for dead, for as long as the caller says.
    ///
    /// # Safety
    ///
    /// For as long as the result lives the CPU must be dead, and the CPU hotplug lock held.
    pub(super) unsafe fn new(id: PossibleCpu) -> Self {
        // INVARIANT: The caller vouches for it.
        Self {
            id,
            // SAFETY: As above.
            cpus: unsafe { CpusHeld::new() },
            _callback: PhantomData,
        }
    }

    /// Which CPU it is.
    pub fn id(&self) -> PossibleCpu {
        self.id
    }

    /// No other CPU comes or goes meanwhile.
    pub fn cpus(&self) -> &CpusHeld {
        &self.cpus
    }
}

/// Proof that this code runs on a CPU and stays there: in its hotplug thread.
///
/// It may sleep. Other tasks run on the CPU then, and interrupts at any time.
///
/// # Invariants
///
/// For `'a` this is a task that does not leave the CPU, and the CPU hotplug lock is held.
pub struct OnlineCpu<'a> {
    id: PossibleCpu,
    cpus: CpusHeld,
    _callback: PhantomData<&'a ()>,
}

impl OnlineCpu<'_> {
    /// Takes a CPU for the one that this code runs on, for as long as the caller says.
    ///
    /// # Safety
    ///
    /// For as long as the result lives this task must stay on the CPU, and the CPU hotplug lock
    /// must be held, by this task or by one that waits for it.
    pub(super) unsafe fn new(id: PossibleCpu) -> Self {
        // INVARIANT: The caller vouches for it.
        Self {
            id,
            // SAFETY: As above.
            cpus: unsafe { CpusHeld::new() },
            _callback: PhantomData,
        }
    }

    /// Which CPU it is.
    pub fn id(&self) -> PossibleCpu {
        self.id
    }

    /// No other CPU comes or goes meanwhile.
    pub fn cpus(&self) -> &CpusHeld {
        &self.cpus
    }
}
