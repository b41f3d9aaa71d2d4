// SPDX-License-Identifier: GPL-2.0

//! Trace events, which have names of the form `system:event`.
//!
//! C header: [`include/linux/trace_events.h`](srctree/include/linux/trace_events.h)
//!
//! Nearly every tracepoint has one. Each system call has two, of the system `syscalls`, which are made
//! of the tracepoints that all calls pass. The other events are those of kprobes and uprobes, of user
//! space, and synthetic ones: they have no tracepoint that the kernel or a module was built with.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    bindings::tracepoint,
    error::from_err_ptr,
    prelude::*, //
};

use super::syscall_event::{
    Edge,
    SyscallEvent, //
};
use crate::{
    bindings::{
        self,
        syscall_metadata,
        trace_event_call, //
    },
    module::ModuleRef, //
};

// CAST: Flags in an `int`.
const TRACEPOINT: c_int = bindings::TRACE_EVENT_FL_TRACEPOINT as c_int;
const DYNAMIC: c_int = bindings::TRACE_EVENT_FL_DYNAMIC as c_int;

/// Names the system that the events of system calls belong to.
pub(super) const SYSCALLS: &CStr = c"syscalls";

/// Refers to a trace event: `struct trace_event_call`.
///
/// # Invariants
///
/// The pointer is to an event that stays for `'a`, and so do its tracepoint, its class and their
/// names.
#[derive(Clone, Copy)]
pub(super) struct TraceEvent<'a>(NonNull<trace_event_call>, PhantomData<&'a trace_event_call>);

impl<'a> TraceEvent<'a> {
    /// Calls `f` with the event called `system:event`, and returns the result; `None` if there is
    /// no such event.
    ///
    /// Sleeps. The event stays while `f` runs: `trace_get_event_file()`.
    pub(super) fn find<R>(
        system: &CStr,
        event: &CStr,
        f: impl FnOnce(TraceEvent<'_>) -> R,
    ) -> Option<R> {
        // SAFETY: The names are strings; no instance of tracefs is asked for.
        let file = from_err_ptr(unsafe {
            bindings::trace_get_event_file(
                core::ptr::null(),
                system.as_char_ptr(),
                event.as_char_ptr(),
            )
        });
        let file = file.ok()?;

        // SAFETY: The file stays until it is put, and has an event.
        let call = unsafe { NonNull::new_unchecked((*file).event_call) };
        // INVARIANT: The event has a reference until the file is put.
        let result = f(TraceEvent(call, PhantomData));
        // SAFETY: The file was got above.
        unsafe { bindings::trace_put_event_file(file) };
        Some(result)
    }

    /// Walks those events of a module whose tracepoints are its own.
    ///
    /// Any context.
    pub(super) fn of_module(module: ModuleRef<'a>) -> impl Iterator<Item = Self> {
        let module = module.as_ptr();
        // SAFETY: The module stays for `'a`, and with it the array, whose length does not change.
        let (events, len) = unsafe { ((*module).trace_events, (*module).num_trace_events) };

        // CAST: Widening.
        (0..len as usize).filter_map(move |index| {
            // SAFETY: The index is below the length of the array.
            let call = unsafe { *events.add(index) };
            // INVARIANT: Events of a module stay as long as it does.
            let event = Self(NonNull::new(call.cast())?, PhantomData);

            // A custom event has a tracepoint of the kernel's, or of another module's.
            let tracepoint = event.tracepoint()?.addr().get();
            // SAFETY: The module stays for `'a`.
            unsafe { bindings::within_module(tracepoint, module) }.then_some(event)
        })
    }

    /// Returns the event's tracepoint, if it has one that the kernel or a module was built with.
    pub(super) fn tracepoint(self) -> Option<NonNull<tracepoint>> {
        // No reference is made to the event, or to what it points to: C changes other fields of
        // them at any time. The fields that are read here do not change while the event is there.
        if self.flags() != TRACEPOINT {
            return None;
        }

        // SAFETY: By the type invariant the event stays for `'a`. The flag says that this is a
        // tracepoint and not a name.
        NonNull::new(unsafe { (*self.0.as_ptr()).__bindgen_anon_1.tp })
    }

    /// Returns the flags `TRACEPOINT` and `DYNAMIC`, which do not change while the event is there.
    fn flags(self) -> c_int {
        // SAFETY: By the type invariant the event stays for `'a`, and its flags are an aligned
        // word. C changes others of them, and stores all as a whole word.
        let flags = unsafe { (&raw const (*self.0.as_ptr()).flags).read_volatile() };

        flags & (TRACEPOINT | DYNAMIC)
    }

    /// Returns the event of a system call that this is, if it is one.
    pub(super) fn syscall(self) -> Option<SyscallEvent> {
        let call = self.0.as_ptr();
        let metadata = self.syscall_metadata()?;
        let edge = if call == metadata.enter_event {
            Edge::Enter
        } else if call == metadata.exit_event {
            Edge::Exit
        } else {
            return None;
        };

        // SAFETY: An event without a tracepoint has a name, which is a string. It stays as long as
        // the kernel, which the event is built into.
        let name = unsafe { CStr::from_char_ptr((*call).__bindgen_anon_1.name) };
        SyscallEvent::new(edge, metadata.syscall_nr, name)
    }

    /// Returns both events of the system call that this is an event of.
    pub(super) fn both_of_syscall(self) -> Option<[SyscallEvent; 2]> {
        let metadata = self.syscall_metadata()?;
        let event = |call| {
            // INVARIANT: The kernel has both events of a call built in, and registers both or neither, as
            // that fails for calls without a number alone.
            Self(NonNull::new(call)?, PhantomData).syscall()
        };

        Some([event(metadata.enter_event)?, event(metadata.exit_event)?])
    }

    /// Returns what the kernel knows of the system call that this is an event of, if it is one.
    fn syscall_metadata(self) -> Option<syscall_metadata> {
        let call = self.0.as_ptr();

        // SAFETY: By the type invariant the event stays for `'a`. If it is not dynamic it has a module
        // there, null if it is built in.
        let module = unsafe { *(*call).__bindgen_anon_2.module.as_ref() };
        if self.flags() != 0 || !module.is_null() || self.system() != SYSCALLS {
            return None;
        }

        // SAFETY: By the type invariant the event stays for `'a`.
        let metadata = NonNull::new(unsafe { (*call).data })?.cast::<syscall_metadata>();
        // SAFETY: The events of this system that are built into the kernel are those that
        // `SYSCALL_METADATA()` makes, whose data is this. It stays as long as the kernel, and does
        // not change after boot.
        Some(unsafe { metadata.read() })
    }

    /// Returns the part of the name in front of the colon.
    pub(super) fn system(self) -> &'a CStr {
        // SAFETY: By the type invariant the event stays for `'a`, and so do its class, which each
        // event has, and that class's system, which is a string.
        unsafe { CStr::from_char_ptr((*(*self.0.as_ptr()).class).system) }
    }

    /// Returns the part behind the colon, if the event has a tracepoint, whose name that is.
    pub(super) fn event(self) -> Option<&'a CStr> {
        let tracepoint = self.tracepoint()?;

        // SAFETY: By the type invariant the tracepoint stays for `'a`, and so does its name, which
        // is a string.
        Some(unsafe { CStr::from_char_ptr((*tracepoint.as_ptr()).name) })
    }

    /// Returns whether the event is called `system:event`.
    pub(super) fn is(self, system: &CStr, event: &CStr) -> bool {
        self.event() == Some(event) && self.system() == system
    }
}
