// SPDX-License-Identifier: GPL-2.0

//! Kinds of states: the section, and whether CPUs that are up are called for.

use kernel::{
    bindings::{
        cpuhp_state,
        cpuhp_state_CPUHP_AP_ACTIVE,
        cpuhp_state_CPUHP_AP_ONLINE_DYN,
        cpuhp_state_CPUHP_AP_ONLINE_DYN_END,
        cpuhp_state_CPUHP_AP_ONLINE_IDLE,
        cpuhp_state_CPUHP_BP_KICK_AP,
        cpuhp_state_CPUHP_BP_PREPARE_DYN,
        cpuhp_state_CPUHP_BP_PREPARE_DYN_END,
        cpuhp_state_CPUHP_OFFLINE, //
    },
    prelude::*, //
};

use crate::cpumask::{
    self,
    PossibleCpu, //
};

use super::{
    DeadCpu,
    OnlineCpu, //
};

/// What to do when a CPU passes a state of the PREPARE section.
///
/// Callbacks run in process context and may sleep. They run under the CPU hotplug lock: they must
/// neither take it nor add or remove a state.
pub trait Prepare: Send + Sync + 'static {
    /// Called before `cpu` comes up. An error keeps it down, and is what the one who wanted it up
    /// gets.
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        let _ = cpu;
        Ok(())
    }

    /// Called when `cpu` has gone down, or did not come up after [`prepare`](Self::prepare).
    fn dead(&self, cpu: &DeadCpu<'_>) {
        let _ = cpu;
    }
}

/// What else to do in a state of the PREPARE section that is also called for CPUs that are up.
///
/// Such a state has [`prepare`](Prepare::prepare) called for them when it is added.
pub trait Unprepare: Prepare {
    /// Called for a CPU that is up, and goes on running, when the state is removed, or when it
    /// could not be added because preparing another CPU failed.
    fn unprepare(&self, cpu: PossibleCpu);
}

/// What to do when a CPU passes a state of the ONLINE section.
///
/// Callbacks run on the CPU, in its hotplug thread, and may sleep. They run under the CPU hotplug
/// lock, which another task holds: they must neither take it nor add or remove a state.
pub trait Online: Send + Sync + 'static {
    /// Called when `cpu` is online, before tasks are moved to it. An error takes it down again, and
    /// is what the one who wanted it up gets.
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        let _ = cpu;
        Ok(())
    }

    /// Called before `cpu` goes offline, or when it cannot come up after
    /// [`online`](Self::online). The CPU still runs, and counts what it does, until it is dead.
    fn offline(&self, cpu: &OnlineCpu<'_>) {
        let _ = cpu;
    }
}

mod sealed {
    use super::*;

    pub trait Sealed {}

    /// What a state calls for a `T`. No other crate can name it, so none can have the hotplug core
    /// call something else.
    pub trait Calls<T> {
        /// Calls for a CPU on its way up.
        ///
        /// # Safety
        ///
        /// To be called for the startup callback of a state of this kind, in its course.
        unsafe fn startup(callbacks: &T, cpu: PossibleCpu) -> Result;

        /// Calls for a CPU on its way down.
        ///
        /// # Safety
        ///
        /// To be called for the teardown callback of a state of this kind, in its course.
        unsafe fn teardown(callbacks: &T, cpu: PossibleCpu);
    }
}

/// A section of the table of states, and whether a state is called for CPUs that are up.
pub trait Section: sealed::Sealed + 'static {
    /// Static numbers of the section are above this one.
    #[doc(hidden)]
    const BELOW: cpuhp_state;
    /// Static numbers of the section are below this one.
    #[doc(hidden)]
    const ABOVE: cpuhp_state;
    /// The first dynamic number, and the argument that asks for any of them.
    #[doc(hidden)]
    const DYNAMIC: cpuhp_state;
    /// The last dynamic number.
    #[doc(hidden)]
    const DYNAMIC_END: cpuhp_state;
    /// Whether setup and removal call for CPUs that are up.
    #[doc(hidden)]
    const CALLS: bool;
}

/// Marks the kinds of states that the callbacks of a `T` serve. The list of implementations says what
/// `T` must implement; the trait is sealed, so there are no others.
///
/// Callbacks run in several threads, while others use the `T` too: hence `Send` and `Sync`.
pub trait Callbacks<T: Send + Sync + 'static>: Section + sealed::Calls<T> {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $section:ident, $calls:literal;)*) => {$(
        $(#[$doc])*
        pub enum $kind {}

        impl sealed::Sealed for $kind {}

        impl Section for $kind {
            kinds!(@$section);
            const CALLS: bool = $calls;
        }
    )*};
    (@PREPARE) => {
        const BELOW: cpuhp_state = cpuhp_state_CPUHP_OFFLINE;
        const ABOVE: cpuhp_state = cpuhp_state_CPUHP_BP_KICK_AP;
        const DYNAMIC: cpuhp_state = cpuhp_state_CPUHP_BP_PREPARE_DYN;
        const DYNAMIC_END: cpuhp_state = cpuhp_state_CPUHP_BP_PREPARE_DYN_END;
    };
    (@ONLINE) => {
        const BELOW: cpuhp_state = cpuhp_state_CPUHP_AP_ONLINE_IDLE;
        const ABOVE: cpuhp_state = cpuhp_state_CPUHP_AP_ACTIVE;
        const DYNAMIC: cpuhp_state = cpuhp_state_CPUHP_AP_ONLINE_DYN;
        const DYNAMIC_END: cpuhp_state = cpuhp_state_CPUHP_AP_ONLINE_DYN_END;
    };
}

kinds! {
    /// PREPARE, and nothing is called for CPUs that are up: `cpuhp_setup_state_nocalls()`.
    PrepareNoCalls: PREPARE, false;
    /// PREPARE, and CPUs that are up are called for: `cpuhp_setup_state()`.
    PrepareCalls: PREPARE, true;
    /// ONLINE, and nothing is called for CPUs that are up: `cpuhp_setup_state_nocalls()`. So
    /// [`Online::offline`] may be the first that is heard of a CPU.
    OnlineNoCalls: ONLINE, false;
    /// ONLINE, and CPUs that are up are called for: `cpuhp_setup_state()`.
    OnlineCalls: ONLINE, true;
}

impl<T: Prepare> Callbacks<T> for PrepareNoCalls {}

impl<T: Prepare> sealed::Calls<T> for PrepareNoCalls {
    unsafe fn startup(callbacks: &T, cpu: PossibleCpu) -> Result {
        callbacks.prepare(cpu)
    }

    unsafe fn teardown(callbacks: &T, cpu: PossibleCpu) {
        // SAFETY: The hotplug core tears states of the PREPARE section down under its lock, when
        // takedown_cpu() has stopped the CPU or when the CPU did not come up: it is dead in the
        // sense of `DeadCpu`. This kind never asks for calls on CPUs that are up.
        callbacks.dead(&unsafe { DeadCpu::new(cpu) });
    }
}

impl<T: Unprepare> Callbacks<T> for PrepareCalls {}

impl<T: Unprepare> sealed::Calls<T> for PrepareCalls {
    unsafe fn startup(callbacks: &T, cpu: PossibleCpu) -> Result {
        callbacks.prepare(cpu)
    }

    unsafe fn teardown(callbacks: &T, cpu: PossibleCpu) {
        // The lock is held, so this does not change. In this section a CPU that goes down has left
        // the mask, and one that comes up is not in it yet.
        if cpumask::online().test(cpu) {
            callbacks.unprepare(cpu);
        } else {
            // SAFETY: A CPU that is below the ONLINE section and not online was stopped by
            // takedown_cpu(), or has not come up: it is dead in the sense of `DeadCpu`.
            callbacks.dead(&unsafe { DeadCpu::new(cpu) });
        }
    }
}

macro_rules! online {
    ($($kind:ident)*) => {$(
        impl<T: Online> Callbacks<T> for $kind {}

        impl<T: Online> sealed::Calls<T> for $kind {
            unsafe fn startup(callbacks: &T, cpu: PossibleCpu) -> Result {
                // SAFETY: The hotplug core calls states of the ONLINE section in the CPU's thread,
                // which is bound to it, and holds its lock. Before there are such threads it calls
                // them itself, on the only CPU that is up.
                callbacks.online(&unsafe { OnlineCpu::new(cpu) })
            }

            unsafe fn teardown(callbacks: &T, cpu: PossibleCpu) {
                // SAFETY: As above.
                callbacks.offline(&unsafe { OnlineCpu::new(cpu) });
            }
        }
    )*};
}

online! { OnlineNoCalls OnlineCalls }
