// SPDX-License-Identifier: GPL-2.0

//! What security modules refuse to everybody.
//!
//! C header: [`include/linux/security.h`](srctree/include/linux/security.h)

use kernel::{
    bindings::{
        lockdown_reason,
        lockdown_reason_LOCKDOWN_TRACEFS, //
    },
    error::to_result,
    prelude::*, //
};

use crate::bindings;

/// Names what a kernel that is locked down may refuse: `enum lockdown_reason`, see
/// kernel_lockdown(7).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LockdownReason {
    /// To attach to tracepoints that user space chose: `LOCKDOWN_TRACEFS`, for confidentiality.
    Tracefs,
}

impl LockdownReason {
    fn as_raw(self) -> lockdown_reason {
        match self {
            Self::Tracefs => lockdown_reason_LOCKDOWN_TRACEFS,
        }
    }
}

/// Fails with `EPERM` if the kernel is locked down so far that `what` is refused, to root too:
/// `security_locked_down()`.
///
/// The log is told who asked. Process context.
///
/// To be asked each time: lockdown may be raised while the kernel runs, and never goes down.
///
/// # Examples
///
/// ```
/// use kernel_ext::security::{
///     locked_down,
///     LockdownReason, //
/// };
///
/// assert!(locked_down(LockdownReason::Tracefs).is_ok());
/// ```
pub fn locked_down(what: LockdownReason) -> Result {
    // SAFETY: The reason is one of the enumeration.
    to_result(unsafe { bindings::security_locked_down(what.as_raw()) })
}
