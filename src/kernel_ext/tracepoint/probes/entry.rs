// SPDX-License-Identifier: GPL-2.0

//! A probe by name.

use core::ptr::NonNull;

use kernel::{
    bindings::{
        module,
        tracepoint, //
    },
    prelude::*,
    sync::Arc, //
};

use crate::{
    compat::EOPNOTSUPP,
    ftrace::CallCounter,
    tracepoint::{
        bare_probe::{
            BareProbe,
            CounterAddresses,
            ProbeData, //
        },
        event_name::EventName,
        functions::Functions,
        raw_registration::RawRegistration,
        syscall_event::SyscallEvent,
        syscall_table::{
            SyscallRegistration,
            SyscallTables, //
        }, //
    }, //
};

/// Says whether a probe is on an event.
enum Status {
    /// It is on nothing until an event of its name comes.
    Pending,
    /// It is on a tracepoint, of a module if it is not built in, until this is dropped.
    Attached {
        _registration: RawRegistration,
        module: Option<NonNull<module>>,
    },
    /// Its counters are in a table of system calls, until this is dropped.
    Counted { _registration: SyscallRegistration },
    /// Functions add to its counter when they are called: those of the kernel and of modules that have
    /// the name.
    Called { by: KVec<Called> },
    /// It was taken off for good, or is for one tracepoint and not on it yet. No event of its name gets it.
    Detached,
}

/// Has functions of a module, or of the kernel, add to a counter, until it is dropped.
struct Called {
    _registration: CallCounter,
    module: Option<NonNull<module>>,
}

/// Holds a probe by name, and what keeps its data.
///
/// # Invariants
///
/// `function` may be called with `data` for as long as `kept` lives, and `counter` be counted in. What
/// `status` has registered is the two of them, or the latter.
pub(super) struct Entry {
    name: Arc<EventName>,
    function: NonNull<c_void>,
    data: NonNull<c_void>,
    counter: Option<CounterAddresses>,
    status: Status,
    kept: Arc<dyn Send + Sync>,
}

// SAFETY: The name and what keeps the data are `Send` and `Sync`. The pointers are passed to C
// alone.
unsafe impl Send for Entry {}

impl Entry {
    /// Makes a pending probe of `data`.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub(super) fn new<D: ProbeData>(name: Arc<EventName>, data: D) -> Result<Self> {
        let kept = Arc::new(data, GFP_KERNEL)?;
        let function = <D::Probe as BareProbe>::FUNCTION;

        // INVARIANT: The function takes the address of a probe, by the contract of `BareProbe`, and
        // this one does not change and stays valid until `kept` is dropped, by that of `ProbeData`,
        // and so do the counters.
        Ok(Self {
            name,
            // CAST: C keeps probes of all types as `void *`.
            // SAFETY: A function's address is not null.
            function: unsafe { NonNull::new_unchecked(function as *mut c_void) },
            data: NonNull::from(kept.probe()).cast(),
            counter: kept.counter(),
            status: Status::Pending,
            kept,
        })
    }

    /// Makes a probe for one tracepoint, on which it is not yet: `function` with the address of `probe`.
    ///
    /// # Safety
    ///
    /// It must be sound that the tracepoint calls `function` with the address of `probe`, for as long as
    /// that lives.
    ///
    /// May sleep. Never fails.
    pub(super) unsafe fn for_tracepoint<P: Send + Sync + 'static>(
        name: Arc<EventName>,
        function: NonNull<c_void>,
        probe: Arc<P>,
    ) -> Self {
        // INVARIANT: By the function's contract. What an `Arc` points to stays where it is.
        Self {
            name,
            function,
            data: NonNull::from(&*probe).cast(),
            counter: None,
            status: Status::Detached,
            kept: probe,
        }
    }

    /// Returns the name of the event.
    pub(super) fn name(&self) -> &EventName {
        &self.name
    }

    /// Returns whether the probe is on no event yet.
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.status, Status::Pending)
    }

    /// Returns whether the probe is on an event.
    pub(super) fn is_attached(&self) -> bool {
        matches!(
            self.status,
            Status::Attached { .. } | Status::Counted { .. } | Status::Called { .. }
        )
    }

    /// Returns whether its data is a counter, which is all that can be counted in where there is no
    /// tracepoint.
    pub(super) fn has_counter(&self) -> bool {
        self.counter.is_some()
    }

    /// Returns whether both are the same function with the same data for the same event.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        !matches!(self.status, Status::Detached)
            && self.data == other.data
            && self.function == other.function
            && self.name.parts() == other.name.parts()
    }

    /// Attaches the probe, if it is pending.
    ///
    /// Sleeps. Fails with `EEXIST` if the tracepoint has the probe already, through another
    /// `Probes`; with `ENOMEM`; and as the tracepoint's own `regfunc` does.
    ///
    /// # Safety
    ///
    /// Until it is detached `tracepoint` must stay, and so must `self`. Then both must stay until
    /// the probe has returned everywhere.
    pub(super) unsafe fn attach(
        &mut self,
        tracepoint: NonNull<tracepoint>,
        module: Option<NonNull<module>>,
    ) -> Result {
        if !self.is_pending() {
            return Ok(());
        }

        // SAFETY: The tracepoint stays, by the function's contract. It may call the function,
        // whatever its arguments are, by the type invariant and the contract of `BareProbe`.
        let _registration = unsafe { RawRegistration::new(tracepoint, self.function, self.data) }?;
        // INVARIANT: These two were just registered.
        self.status = Status::Attached {
            _registration,
            module,
        };
        Ok(())
    }

    /// Attaches a probe that was made for one tracepoint, to that tracepoint.
    ///
    /// Sleeps. Fails as [`attach`](Self::attach) does.
    ///
    /// # Safety
    ///
    /// As for `attach`; and the tracepoint must be the one that the probe was made for, and built in.
    pub(super) unsafe fn attach_to(&mut self, tracepoint: NonNull<tracepoint>) -> Result {
        // SAFETY: By the function's contract, and that of `for_tracepoint`.
        let _registration = unsafe { RawRegistration::new(tracepoint, self.function, self.data) }?;
        // INVARIANT: These two were just registered.
        self.status = Status::Attached {
            _registration,
            module: None,
        };
        Ok(())
    }

    /// Has the probe's counters count an event of a system call, if the probe is pending.
    ///
    /// Sleeps. Fails with `EOPNOTSUPP` if the probe does more than to count, and with `ENOMEM`.
    ///
    /// # Safety
    ///
    /// As for [`attach`](Self::attach).
    pub(super) unsafe fn count(
        &mut self,
        event: SyscallEvent,
        tables: &mut SyscallTables,
    ) -> Result {
        if !self.is_pending() {
            return Ok(());
        }

        let counter = self.counter.ok_or(EOPNOTSUPP)?;
        // SAFETY: By the type invariant the counters stay as long as `self`, which stays, by the
        // function's contract, for as long as it must.
        let _registration = unsafe { tables.add(event, counter) }?;
        // INVARIANT: These counters were just registered.
        self.status = Status::Counted { _registration };
        Ok(())
    }

    /// Has the probe's counter count calls of functions of a module, or of the kernel, unless it was
    /// taken off for good or counts those already.
    ///
    /// Sleeps. Fails with `EOPNOTSUPP` if the probe does more than to count, and as [`CallCounter::new`]
    /// does.
    pub(super) fn count_calls(
        &mut self,
        functions: &Functions,
        module: Option<NonNull<module>>,
    ) -> Result {
        let is_new = match &self.status {
            Status::Pending => true,
            Status::Called { by } => by.iter().all(|called| called.module != module),
            _ => false,
        };
        if !is_new {
            return Ok(());
        }

        let counter = self.counter.ok_or(EOPNOTSUPP)?;
        let (addresses, kept) = (functions.addresses(), self.kept.clone());
        // SAFETY: By the type invariant the counter stays as long as what is kept.
        let _registration = unsafe { CallCounter::new(addresses, counter.count, kept) }?;
        let called = Called {
            _registration,
            module,
        };
        // INVARIANT: This counter was just registered.
        if let Status::Called { by } = &mut self.status {
            by.push(called, GFP_KERNEL)?;
        } else {
            let mut by = KVec::new();
            by.push(called, GFP_KERNEL)?;
            self.status = Status::Called { by };
        }
        Ok(())
    }

    /// Takes the probe off the modules for which `leaves` returns `true`, to be pending if it is on
    /// nothing else.
    pub(super) fn leave(&mut self, leaves: impl Fn(NonNull<module>) -> bool) {
        let is_left = match &mut self.status {
            Status::Attached { module, .. } => module.is_some_and(leaves),
            Status::Called { by } => {
                by.retain(|called| !called.module.is_some_and(&leaves));
                by.is_empty()
            }
            _ => false,
        };
        if is_left {
            self.status = Status::Pending;
        }
    }

    /// Takes the probe off its event, for good.
    pub(super) fn detach(&mut self) {
        self.status = Status::Detached;
    }
}
