// SPDX-License-Identifier: GPL-2.0

//! CPU hotplug states.
//!
//! C header: [`include/linux/cpuhotplug.h`](srctree/include/linux/cpuhotplug.h)
//!
//! A CPU comes up through a table of states, and goes down through it in reverse. A state has a
//! name, a number, which is its place in the table, and two callbacks, a *startup* for CPUs on
//! their way up and a *teardown* for those on their way down:
//!
//! ```text
//!   up  |  CPUHP_OFFLINE                                            ^ down
//!       |    PREPARE    prepare()                       dead()      |  on another CPU
//!       |    STARTING                                               |  on the CPU, interrupts disabled
//!       |    ONLINE     online()                        offline()   |  on the CPU, in cpuhp/N
//!       v  CPUHP_ONLINE                                             |
//! ```
//!
//! A startup may fail. Then the teardowns of all states that the CPU has passed are called, and the
//! CPU is down again. A teardown cannot fail: the hotplug core would call BUG().
//!
//! | section | where callbacks run | trait | what the teardown is told |
//! |---|---|---|---|
//! | PREPARE | on another CPU, before this one executes anything and after its last instruction | [`Prepare`] | [`DeadCpu`] |
//! | STARTING | on the CPU, with interrupts disabled; all numbers are static, so none are offered | | |
//! | ONLINE | on the CPU, in a thread of its own | [`Online`] | [`OnlineCpu`] |
//!
//! # The life of a state
//!
//! Making a [`Registration`] adds a state, under a [`StateId`], and dropping it removes the state
//! and waits for callbacks that are under way. Both take the CPU hotplug lock, so no CPU comes or
//! goes in between; callbacks run under it too.
//!
//! What becomes of CPUs that are up already, and so have passed the state, is part of its
//! [`Section`]. With calls, each of them has the startup called when the state is added, as if it
//! came up, and the teardown when the state is removed, as if it went down. In the ONLINE section
//! that is the same as the real thing ([`OnlineCalls`], and [`OnlineNoCalls`] for a state without).
//! In the PREPARE section it is not: the CPU runs while its teardown is called. So
//! [`PrepareNoCalls`] takes callbacks whose teardown is about dead CPUs alone, and [`PrepareCalls`]
//! asks for one more callback, [`Unprepare`].
//!
//! # One instance or many
//!
//! - [`Registration`] is a state with callbacks of its own, in the memory where it is pinned:
//!   [`PrepareRegistration`], [`OnlineRegistration`].
//! - [`MultiRegistration`] is one for any number of [`Instance`]s of a type, which keep it alive.
//!   They are called one after another, on the way up and down the one that was added last first.
//! - [`GlobalRegistration`] has callbacks that are a static. It needs no memory, and whoever holds
//!   the hotplug lock can add and remove it.
//!
//! # What types do not show
//!
//! As adding and removing takes the hotplug lock, whoever holds it
//! ([`CpusReadGuard`](crate::cpu::CpusReadGuard)) must do neither, but for a
//! [`GlobalRegistration`]. Nor may a callback, and to drop the last reference to a state is to
//! remove it: each waits for itself. Lockdep finds it.
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
