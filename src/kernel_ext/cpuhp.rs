// SPDX-License-Identifier: GPL-2.0

//! CPU hotplug states.
//!
//! C header: [`include/linux/cpuhotplug.h`](srctree/include/linux/cpuhotplug.h)
//!
//! A CPU comes up through a table of states, and goes down through it in reverse. Each state has a
//! callback for either way. On the way up a callback may fail: then those of all states that were
//! passed are called the other way, and the CPU is down again. On the way down it cannot.
//!
//! | section | where callbacks run | trait | what the teardown is told |
//! |---|---|---|---|
//! | PREPARE | on another CPU, before this one executes anything and after its last instruction | [`Prepare`] | [`DeadCpu`] |
//! | STARTING | on the CPU, with interrupts disabled; all numbers are static, so none are offered | | |
//! | ONLINE | on the CPU, in a thread of its own | [`Online`] | [`OnlineCpu`] |
//!
//! # Calls for CPUs that are up
//!
//! A state may be called for the CPUs that have passed it already: on setup as if they came up, and
//! on removal as if they went down. In the ONLINE section both is the same as the real thing
//! ([`OnlineCalls`], and [`OnlineNoCalls`] for a state without). In the PREPARE section it is not:
//! the CPU runs while its teardown is called. So [`PrepareNoCalls`] takes callbacks whose teardown
//! is about dead CPUs alone, and [`PrepareCalls`] asks for one more callback, [`Unprepare`].
//!
//! # Instances
//!
//! - [`Registration`] is a state with callbacks of its own, in the memory where it is pinned:
//!   [`PrepareRegistration`], [`OnlineRegistration`].
//! - [`MultiRegistration`] is one for any number of [`Instance`]s of a type, which keep it alive. They are
//!   called one after another, those that were added last first, on the way up and down.
//! - [`GlobalRegistration`] has callbacks that are a static. It needs no memory, and can be added by who
//!   holds the hotplug lock.
//!
//! # What types do not show
//!
//! Adding and removing takes the hotplug lock, so neither may be done by who holds it
//! ([`CpusReadGuard`](crate::cpu::CpusReadGuard)), nor in a callback, dropping the last reference
//! to a state included: that waits for itself. Lockdep finds it.
//!
//! A state that is leaked ([`core::mem::forget`]) stays in the table, and with it the address of
//! code that goes when the module is unloaded.
//!
//! Whoever writes a state's number to /sys/devices/system/cpu/cpuN/hotplug/fail makes the next call
//! for that CPU fail with `EAGAIN` in place of the callback. On removal with calls that is a BUG():
//! write -1 before a module is unloaded.

mod global;
mod instance;
mod registration;
mod section;
mod state_id;
mod token;

pub use self::{
    global::{
        Global,
        GlobalRegistration, //
    },
    instance::{
        Instance,
        MultiRegistration, //
    },
    registration::{
        OnlineRegistration,
        PrepareRegistration,
        Registration, //
    },
    section::{
        Callbacks,
        Online,
        OnlineCalls,
        OnlineNoCalls,
        Prepare,
        PrepareCalls,
        PrepareNoCalls,
        Section,
        Unprepare, //
    },
    state_id::StateId,
    token::{
        DeadCpu,
        OnlineCpu, //
    }, //
};
