// SPDX-License-Identifier: GPL-2.0

//! Holders of local locks that do what they must not: they sleep, or leak their guards.
//!
//! holders.c spares the log what the kernel says of them.

use kernel::{
    error::to_result,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpuhp::{
        DeadCpu,
        Prepare, //
    },
    cpumask::PossibleCpu,
    percpu::{
        raw_smp_processor_id,
        LocalLock, //
    },
    smp::on_each_cpu, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

/// Says whether what holders.c makes up for is what a guard leaves. On PREEMPT_RT a holder keeps no
/// count: it stays on its CPU, and what it leaks cannot be given back.
const LEAVE_A_COUNT: bool = !cfg!(CONFIG_PREEMPT_RT);

pub(crate) const CASES: &[Case] = if LEAVE_A_COUNT { ALL } else { &[] };

const ALL: &[Case] = &[
    (
        "a holder that is moved has one copy, and nobody gets that again",
        moved,
    ),
    (
        "a holder that sleeps keeps its lock on its own CPU too",
        slept,
    ),
    ("a guard that is leaked leaves the lock taken", leaked),
    ("a dead CPU's copy stays if its guard was leaked", kept),
];

extern "C" {
    /// Keeps lockdep from seeing what the holder takes.
    fn holder_begins();

    /// Moves this task, which holds one lock and nothing else.
    fn holder_sleeps() -> c_int;

    /// Makes up for one guard that is leaked.
    fn holder_leaks();

    /// Lets lockdep see again.
    fn holder_ends();

    /// Takes the last CPU down, and brings it up again.
    fn last_cpu_dies() -> c_int;

    /// Lets this task run on all CPUs again.
    fn holder_may_go_anywhere();
}

/// Calls `work`, of which lockdep learns nothing.
fn unseen<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: May be called in any context, and is undone below.
    unsafe { holder_begins() };
    let done = work();
    // SAFETY: As above.
    unsafe { holder_ends() };
    done
}

fn moved() -> Outcome {
    let locks = LocalLock::new(GFP_KERNEL, Ok)?;
    let outcome = unseen(|| in_two_places(&locks));

    // SAFETY: In process context.
    unsafe { holder_may_go_anywhere() };
    outcome
}

fn in_two_places(locks: &LocalLock<PossibleCpu>) -> Outcome {
    let first = locks.try_lock().ok_or(EBUSY)?;
    // SAFETY: This task has the one guard, in process context.
    to_result(unsafe { holder_sleeps() })?;

    let second = locks.try_lock().ok_or(EBUSY)?;
    expect("the same copy", *first == *second, false)?;
    drop(first);
    // Who gave back the lock of the CPU that this is would let a third holder have this copy.
    expect("a third holder", locks.try_lock().is_some(), false)?;
    drop(second);
    expect("the copy is free", locks.try_lock().is_some(), true)
}

fn slept() -> Outcome {
    // Preemption may move this task at a bad moment, so there are several tries.
    for _ in 0..100 {
        let locks = LocalLock::new(GFP_KERNEL, Ok)?;

        if let Some(again) = unseen(|| at_home(&locks)) {
            return expect("taken again", again, false);
        }
    }
    expect("a task that is not moved", false, true)
}

/// Whether a lock is had again whose holder slept, if that happens on one CPU.
fn at_home(locks: &LocalLock<PossibleCpu>) -> Option<bool> {
    let guard = locks.try_lock()?;
    let home = *guard;

    // What a sleep leaves of the guard if the task wakes up where it was.
    // SAFETY: This task has the one guard, in process context.
    unsafe { holder_leaks() };
    drop(guard);
    let again = locks.try_lock().is_some();
    (raw_smp_processor_id() == home).then_some(again)
}

fn leaked() -> Outcome {
    let locks = Leaked::new()?;
    let another = locks.0.try_lock().is_some();

    expect("another guard", another, false)
}

/// How many copies of dead CPUs were refused, and how many were not.
static REFUSED: Atomic<u32> = Atomic::new(0);
static REPLACED: Atomic<u32> = Atomic::new(0);

/// Locks that stay taken on each CPU that is online.
pub(crate) struct Leaked(LocalLock<Arc<u32>>);

impl Leaked {
    pub(crate) fn new() -> Result<Self> {
        let locks = LocalLock::new(GFP_KERNEL, |cpu| Ok(Arc::new(cpu.as_u32(), GFP_KERNEL)?))?;

        on_each_cpu(&cpus_read_lock(), |_| {
            unseen(|| {
                if !LEAVE_A_COUNT {
                    return;
                }
                if let Some(guard) = locks.try_lock() {
                    core::mem::forget(guard);
                    // SAFETY: One guard was leaked, in an interrupt.
                    unsafe { holder_leaks() };
                }
            });
        });
        Ok(Self(locks))
    }
}

impl Prepare for Leaked {
    fn prepare(&self, _cpu: PossibleCpu) -> Result {
        Ok(())
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        let Ok(new) = Arc::new(u32::MAX, GFP_KERNEL) else {
            return;
        };
        let count = match self.0.replace_dead(cpu, new) {
            Ok(_) => &REPLACED,
            Err(_) => &REFUSED,
        };
        count.fetch_add(1, Relaxed);
    }
}

fn kept() -> Outcome {
    let refused = REFUSED.load(Relaxed);
    // SAFETY: In process context, without any locks.
    to_result(unsafe { last_cpu_dies() })?;

    expect("copies that were replaced", REPLACED.load(Relaxed), 0)?;
    expect(
        "copies refused",
        REFUSED.load(Relaxed).wrapping_sub(refused),
        1,
    )
}
