// SPDX-License-Identifier: GPL-2.0

//! Events that must not be probed.
//!
//! No event has to be refused for *where* its tracepoint is passed. By the time that a probe is
//! called, the tracepoint itself has read a variable of this CPU relative to gs, and has counted a
//! reader of SRCU on this CPU; and it is not passed where RCU does not watch. So one more addition
//! relative to gs is safe there, in NMIs too. Events are refused for what *registering* their first
//! probe does.

use kernel::prelude::*;

/// Lists the events whose `regfunc`, which is called for the first probe, does harm.
///
/// The other tracepoints that have a `regfunc`, in x86-64 kernels, set a static key or a flag of
/// each task, or exchange a function for one that passes the tracepoint. That is harmless.
const REFUSED: [(&CStr, &CStr); 1] = [
    // It starts a thread that passes the tracepoint again and again, and does nothing else.
    (c"benchmark", c"benchmark_event"),
];

/// Returns whether `system:event` must not be probed.
pub(super) fn is_refused(system: &CStr, event: &CStr) -> bool {
    REFUSED.contains(&(system, event))
}
