// SPDX-License-Identifier: GPL-2.0

//! Sections of the table of states, and what their callbacks are.
//!
//! [`Prepare`], [`Unprepare`] and [`Online`] are what a module implements. A [`Section`] is a type
//! without values that a registration has as a parameter: with it the compiler knows which of these
//! traits the callbacks must implement, and what is true of a CPU when one of them is called.

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

/// Does something when a CPU passes a state of the PREPARE section.
///
/// Callbacks run in process context and may sleep. They run under the CPU hotplug lock: they must
/// neither take it nor add or remove a state.
pub trait Prepare: Send + Sync + 'static {
    /// Prepares for a CPU that is about to come up.
    ///
    /// An error keeps it down, and is what the one who wanted it up gets.
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        let _ = cpu;
        Ok(())
    }

    /// Cleans up after a CPU that has gone down, or did not come up after
    /// [`prepare`](Self::prepare).
    fn dead(&self, cpu: &DeadCpu<'_>) {
        let _ = cpu;
    }
}

/// Does what else a state of the PREPARE section needs that is also called for CPUs that are up.
///
/// Such a state has [`prepare`](Prepare::prepare) called for them when it is added.
pub trait Unprepare: Prepare {
    /// Takes back what [`prepare`](Prepare::prepare) did for a CPU that is up, and goes on running.
    ///
    /// Called when the state is removed, or when it could not be added because preparing another
    /// CPU failed.
    fn unprepare(&self, cpu: PossibleCpu);
}

/// Does something when a CPU passes a state of the ONLINE section.
///
/// Callbacks run on the CPU, in its hotplug thread, and may sleep. They run under the CPU hotplug
/// lock, which another task holds: they must neither take it nor add or remove a state.
pub trait Online: Send + Sync + 'static {
    /// Starts what is to run on a CPU that is online, before tasks are moved to it.
    ///
    /// An error takes the CPU down again, and is what the one who wanted it up gets.
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        let _ = cpu;
        Ok(())
    }

    /// Stops what runs on a CPU that is about to go offline, or that cannot come up after
    /// [`online`](Self::online).
    ///
    /// The CPU still runs, and counts what it does, until it is dead.
    fn offline(&self, cpu: &OnlineCpu<'_>) {
        let _ = cpu;
    }
}

mod sealed {
    use super::*;

    pub trait Sealed {}

    /// Calls the callbacks of a `T` in a state.
    ///
    /// No other crate can name this trait, so none can have the hotplug core call something else.
    pub trait Calls<T> {
        /// Calls what a CPU on its way up is to be told.
        ///
        /// # Safety
        ///
        /// To be called for the startup callback of a state of this section, in its course.
        unsafe fn startup(callbacks: &T, cpu: PossibleCpu) -> Result;

        /// Calls what a CPU on its way down is to be told.
        ///
        /// # Safety
        ///
        /// To be called for the teardown callback of a state of this section, in its course.
        unsafe fn teardown(callbacks: &T, cpu: PossibleCpu);
    }
}

/// Names a section of the table of states, and says whether a state in it is called for CPUs that
/// are up.
pub trait Section: sealed::Sealed + 'static {
    /// Bounds the section's static numbers from below; it is not one of them.
    #[doc(hidden)]
    const BELOW: cpuhp_state;
    /// Bounds the section's static numbers from above; it is not one of them.
    #[doc(hidden)]
    const ABOVE: cpuhp_state;
    /// Holds the first dynamic number, which is also the argument that asks for any of them.
    #[doc(hidden)]
    const DYNAMIC: cpuhp_state;
    /// Holds the last dynamic number.
    #[doc(hidden)]
    const DYNAMIC_END: cpuhp_state;
    /// Says whether setup and removal call for CPUs that are up.
    #[doc(hidden)]
    const CALLS: bool;
}

/// Marks the sections that the callbacks of a `T` serve.
///
/// The list of implementations says what `T` must implement; the trait is sealed, so there are no
/// others.
///
/// Callbacks run in several threads, while others use the `T` too: hence `Send` and `Sync`.
pub trait Callbacks<T: Send + Sync + 'static>: Section + sealed::Calls<T> {}

/// Declares sections, each with its numbers and whether there are calls.
macro_rules! sections {
    ($($(#[$doc:meta])* $section:ident: $numbers:ident, $calls:literal;)*) => {$(
        $(#[$doc])*
        pub enum $section {}

        impl sealed::Sealed for $section {}

        impl Section for $section {
            sections!(@$numbers);
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

sections! {
    /// Names PREPARE, where nothing is called for CPUs that are up: `cpuhp_setup_state_nocalls()`.
    PrepareNoCalls: PREPARE, false;
    /// Names PREPARE, where CPUs that are up are called for: `cpuhp_setup_state()`.
    PrepareCalls: PREPARE, true;
    /// Names ONLINE, where nothing is called for CPUs that are up: `cpuhp_setup_state_nocalls()`.
    ///
    /// So [`Online::offline`] may be the first that is heard of a CPU.
    OnlineNoCalls: ONLINE, false;
    /// Names ONLINE, where CPUs that are up are called for: `cpuhp_setup_state()`.
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
        // sense of `DeadCpu`. This section never asks for calls on CPUs that are up.
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

/// Has sections call the callbacks of an [`Online`].
macro_rules! online {
    ($($section:ident)*) => {$(
        impl<T: Online> Callbacks<T> for $section {}

        impl<T: Online> sealed::Calls<T> for $section {
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
