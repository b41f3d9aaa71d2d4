// SPDX-License-Identifier: GPL-2.0

//! What callbacks are told: a CPU, and proof of what it does.

use core::marker::PhantomData;

use crate::{
    cpu::CpusHeld,
    cpumask::PossibleCpu, //
};

/// Declares types that prove something of a CPU for as long as a callback runs.
macro_rules! proofs {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name<'a> {
            id: PossibleCpu,
            cpus: CpusHeld,
            _callback: PhantomData<&'a ()>,
        }

        impl $name<'_> {
            /// Makes a proof, good for as long as its caller says.
            ///
            /// # Safety
            ///
            /// The type invariant must hold for as long as the result lives.
            pub(super) unsafe fn new(id: PossibleCpu) -> Self {
                // INVARIANT: By the function's contract.
                Self {
                    id,
                    // SAFETY: By the function's contract the CPU hotplug lock is held.
                    cpus: unsafe { CpusHeld::new() },
                    _callback: PhantomData,
                }
            }

            /// Returns which CPU it is.
            pub fn id(&self) -> PossibleCpu {
                self.id
            }

            /// Returns the proof that no other CPU comes or goes meanwhile.
            pub fn cpus(&self) -> &CpusHeld {
                &self.cpus
            }
        }
    )*};
}

proofs! {
    /// Proves that a CPU is dead: it runs no task and takes no interrupt, and nobody brings it up
    /// meanwhile.
    ///
    /// A CPU that went down has left `cpu_online_mask`, with its tasks moved away and its
    /// interrupts disabled for good, before its idle task enters the code that turns it off. The
    /// hotplug core waits until the CPU reports from there, but not for ever: after a timeout it
    /// says so in the log (`cpuhp_bp_sync_dead()`) and goes on. Likewise a CPU that was kicked and
    /// does not come up may wait in the boot code for ever. Neither code counts anything or touches
    /// per-CPU variables of users, which is what this proof is for.
    ///
    /// # Invariants
    ///
    /// For `'a` the CPU runs no task, takes no interrupt, and the CPU hotplug lock is held, by this
    /// task or by one that waits for it.
    DeadCpu;

    /// Proves that this code runs on a CPU and stays there: in its hotplug thread.
    ///
    /// It may sleep. Other tasks run on the CPU then, and interrupts at any time.
    ///
    /// # Invariants
    ///
    /// For `'a` this is a task that does not leave the CPU, and the CPU hotplug lock is held, by
    /// this task or by one that waits for it.
    OnlineCpu;
}
