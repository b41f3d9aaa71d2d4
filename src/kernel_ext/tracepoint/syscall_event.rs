// SPDX-License-Identifier: GPL-2.0

//! Events of one system call each, which have no tracepoint of their own.
//!
//! `syscalls:sys_enter_read` happens when a task passes `raw_syscalls:sys_enter` to make the system
//! call with the number of `read`, and `syscalls:sys_exit_read` when it passes
//! `raw_syscalls:sys_exit`.
//!
//! C source: [`kernel/trace/trace_syscalls.c`](srctree/kernel/trace/trace_syscalls.c)

use kernel::prelude::*;

use crate::syscall::NR_SYSCALLS;

/// Says at which edge of a system call an event happens.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Edge {
    /// When a task makes the call.
    Enter,
    /// When the call is over.
    Exit,
}

/// Describes an event of a system call.
///
/// # Invariants
///
/// `nr` is below [`NR_SYSCALLS`].
#[derive(Clone, Copy)]
pub(super) struct SyscallEvent {
    edge: Edge,
    nr: usize,
    name: &'static CStr,
}

impl SyscallEvent {
    /// Describes the event `name` of the system call `nr`; `None` if there is no call of that number.
    pub(super) fn new(edge: Edge, nr: c_int, name: &'static CStr) -> Option<Self> {
        let nr = usize::try_from(nr).ok().filter(|&nr| nr < NR_SYSCALLS)?;

        // INVARIANT: The number was just compared.
        Some(Self { edge, nr, name })
    }

    /// Returns at which edge of the call it happens.
    pub(super) fn edge(&self) -> Edge {
        self.edge
    }

    /// Returns the number of the call, which is below [`NR_SYSCALLS`].
    pub(super) fn nr(&self) -> usize {
        self.nr
    }

    /// Returns the part of the event's name behind the colon.
    pub(super) fn name(&self) -> &'static CStr {
        self.name
    }
}
