// SPDX-License-Identifier: GPL-2.0

//! What callbacks are told: a CPU, and proof of what it does.

use core::marker::PhantomData;

use crate::{
    cpu::CpusHeld,
    cpumask::PossibleCpu, //
};

/// Proof that a CPU is dead: it runs no task and takes no interrupt, and nobody brings it up
/// meanwhile.
///
/// A CPU that went down has left `cpu_online_mask`, with its tasks moved away and its interrupts
/// disabled for good, before its idle task enters the code that turns it off. The hotplug core waits
/// until the CPU reports from there, but not for ever: after a timeout it says so in the log
/// (`cpuhp_bp_sync_dead()`) and goes on. Likewise a CPU that was kicked and does not come up may
/// wait in the boot code for ever. Neither code counts anything or touches per-CPU variables of
/// users, which is what this proof is for.
///
/// # Invariants
///
/// For `'a` the CPU runs no task, takes no interrupt, and the CPU hotplug lock is held.
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
    /// For as long as the result lives the CPU must be dead as the type says, and the CPU hotplug
    /// lock held.
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
