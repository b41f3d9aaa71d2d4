// SPDX-License-Identifier: GPL-2.0

//! Tables of counters by the numbers of system calls.
//!
//! Events of single system calls have no tracepoints. All calls pass `raw_syscalls:sys_enter` and
//! `raw_syscalls:sys_exit`, where a probe looks the number of the call up in a table: there is the
//! address of the event's counter, or 0 if the event is not counted. So a call that is not counted
//! costs a comparison more than the probe itself, and one that is an addition.
//!
//! # More than one table
//!
//! A table has room for one counter of each event. Two are there for a moment when an event is
//! stopped and counted anew by the same write, and for longer if somebody attaches two. The second
//! one goes into a second table, which has a probe of its own. A table in which no counter is left
//! is taken off.
//!
//! # Which calls count
//!
//! Those that the kernel's own events of system calls tell of (`ftrace_syscall_enter()` and
//! `ftrace_syscall_exit()`): the number is that in the task's registers when the tracepoint is passed,
//! and calls of 32 bits do not count, as their numbers are of another table.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    }, //
};

use super::{
    bare_probe::CounterAddresses,
    events::{
        SysEnter,
        SysExit, //
    },
    probe::{
        Probe,
        Tracepoint, //
    },
    registration::Registration,
    syscall_event::{
        Edge,
        SyscallEvent, //
    }, //
};
use crate::{
    percpu::PerCpu,
    syscall::{
        is_error,
        SyscallRegs,
        NR_SYSCALLS, //
    }, //
};

/// Holds the per-CPU address of a counter for each system call, or 0.
///
/// # Invariants
///
/// An address that is not 0 is that of a `PerCpu<u64>` which lives until it has been replaced by 0 and
/// all probes that may have loaded it have returned.
struct Addresses {
    by_nr: [Atomic<usize>; NR_SYSCALLS],
}

impl Addresses {
    /// Holds no counter.
    fn new() -> impl Init<Self, Error> {
        // INVARIANT: All are 0.
        try_init!(Self {
            by_nr <- pin_init::init_array_from_fn(|_| Atomic::new(0)),
        }? Error)
    }

    /// Returns the counter of the system call `nr`, if it has one.
    #[inline(always)]
    fn get(&self, nr: u32) -> Option<&PerCpu<u64>> {
        // CAST: Widening.
        let place = self.by_nr.get(nr as usize)?.as_ptr();

        // A load that calls no helper in C, which the methods of `Atomic` do: `READ_ONCE()`.
        // ORDERING: What is at the address is seen to be at least as new as the address, by the
        // dependency on it: it was stored with Release.
        // SAFETY: The place is a word of `self`.
        match unsafe { place.read_volatile() } {
            0 => None,
            // SAFETY: By the type invariant it is the address of a counter, which lives as long as the
            // probe that loads it runs.
            address => Some(unsafe { PerCpu::from_raw(core::ptr::without_provenance(address)) }),
        }
    }

    /// Stores the address of the counter of the system call `nr`, or 0.
    fn set(&self, nr: usize, address: usize) {
        if let Some(place) = self.by_nr.get(nr) {
            place.store(address, Release);
        }
    }
}

/// Handles the tracepoints that all system calls pass: adds to the counters of a call.
///
/// It is the table of one of the two tracepoints. Errors are counted where calls exit alone.
struct CallTable {
    counts: Addresses,
    errors: Addresses,
    /// Counts the calls that have a counter.
    used: Atomic<usize>,
}

// SAFETY: Each counter is added to by a single instruction on x86-64 and with interrupts off
// elsewhere, and lies in memory that is always mapped. What else is read is the task's own.
unsafe impl Probe<SysEnter> for CallTable {
    #[inline(always)]
    fn call(&self, regs: SyscallRegs<'_>) {
        // Calls that are not counted are not looked at any further.
        if let Some(count) = self.counts.get(regs.nr()) {
            if !regs.is_compat() {
                count.inc();
            }
        }
    }
}

// SAFETY: As above.
unsafe impl Probe<SysExit> for CallTable {
    #[inline(always)]
    fn call(&self, (regs, ret): (SyscallRegs<'_>, c_long)) {
        let nr = regs.nr();
        let Some(count) = self.counts.get(nr) else {
            return;
        };
        if regs.is_compat() {
            return;
        }

        count.inc();
        if is_error(ret) {
            if let Some(errors) = self.errors.get(nr) {
                errors.inc();
            }
        }
    }
}

impl CallTable {
    /// Makes a table without counters.
    fn new() -> impl Init<Self, Error> {
        try_init!(Self {
            counts <- Addresses::new(),
            errors <- Addresses::new(),
            used: Atomic::new(0),
        }? Error)
    }

    /// Returns whether the system call `nr` has no counter here.
    fn is_free(&self, nr: usize) -> bool {
        // ORDERING: Relaxed, as the address is not followed.
        let address = self.counts.by_nr.get(nr);
        address.is_some_and(|address| address.load(Relaxed) == 0)
    }

    /// Returns whether no system call has a counter here.
    fn is_empty(&self) -> bool {
        // ORDERING: Relaxed, as whoever changes the number has the lock of the probes.
        self.used.load(Relaxed) == 0
    }
}

/// Keeps a counter in a table until it is dropped.
///
/// After that the counter may still be added to, until
/// [`synchronize`](super::raw_registration::synchronize) has returned.
///
/// # Invariants
///
/// `nr` has the counter of this registration in `table`.
struct Placed<T: Tracepoint>
where
    CallTable: Probe<T>,
{
    table: Arc<Registration<T, CallTable>>,
    nr: usize,
}

impl<T: Tracepoint> Drop for Placed<T>
where
    CallTable: Probe<T>,
{
    fn drop(&mut self) {
        let table = self.table.probe();

        // The errors go last, as whoever counts an error has seen the counter of the calls.
        table.counts.set(self.nr, 0);
        table.errors.set(self.nr, 0);
        table.used.fetch_sub(1, Relaxed);
    }
}

/// Holds the tables of one tracepoint.
struct Tables<T: Tracepoint>(KVec<Arc<Registration<T, CallTable>>>)
where
    CallTable: Probe<T>;

impl<T: Tracepoint> Tables<T>
where
    CallTable: Probe<T>,
{
    /// Puts a counter into the first table that has none for the system call `nr`.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    ///
    /// # Safety
    ///
    /// As for [`SyscallTables::add`].
    unsafe fn add(&mut self, nr: usize, counter: CounterAddresses) -> Result<Placed<T>> {
        let free = self.0.iter().find(|table| table.probe().is_free(nr));
        let table = match free {
            Some(table) => table.clone(),
            None => {
                let table = Arc::pin_init(Registration::with(CallTable::new()), GFP_KERNEL)?;
                self.0.push(table.clone(), GFP_KERNEL)?;
                table
            }
        };

        // INVARIANT: By the function's contract both live for as long as they must.
        table.probe().errors.set(nr, counter.errors);
        table.probe().counts.set(nr, counter.count);
        table.probe().used.fetch_add(1, Relaxed);
        // INVARIANT: It was just put there.
        Ok(Placed { table, nr })
    }

    /// Takes tables off that hold no counter.
    ///
    /// Sleeps.
    fn trim(&mut self) {
        self.0.retain(|table| !table.probe().is_empty());
    }
}

/// Keeps the counter of an event of a system call in a table until it is dropped.
pub(super) struct SyscallRegistration(#[expect(dead_code, reason = "kept to be dropped")] Either);

/// Says in which of the two kinds of tables a counter is.
#[expect(dead_code, reason = "kept to be dropped")]
enum Either {
    Enter(Placed<SysEnter>),
    Exit(Placed<SysExit>),
}

/// Holds the tables of both tracepoints that system calls pass.
pub(super) struct SyscallTables {
    enter: Tables<SysEnter>,
    exit: Tables<SysExit>,
}

impl SyscallTables {
    /// Holds no tables.
    pub(super) fn new() -> Self {
        Self {
            enter: Tables(KVec::new()),
            exit: Tables(KVec::new()),
        }
    }

    /// Has `counter` count an event until the result is dropped.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    ///
    /// # Safety
    ///
    /// Until the result was dropped and [`synchronize`](super::raw_registration::synchronize) has
    /// returned since then, both addresses must be those of a `PerCpu<u64>` that lives, or that of the
    /// errors 0.
    pub(super) unsafe fn add(
        &mut self,
        event: SyscallEvent,
        counter: CounterAddresses,
    ) -> Result<SyscallRegistration> {
        let nr = event.nr();

        // SAFETY: By the function's contract.
        let either = unsafe {
            match event.edge() {
                Edge::Enter => Either::Enter(self.enter.add(nr, counter)?),
                Edge::Exit => Either::Exit(self.exit.add(nr, counter)?),
            }
        };
        Ok(SyscallRegistration(either))
    }

    /// Takes tables off that hold no counter.
    ///
    /// Sleeps.
    pub(super) fn trim(&mut self) {
        self.enter.trim();
        self.exit.trim();
    }
}
