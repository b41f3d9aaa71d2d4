// SPDX-License-Identifier: GPL-2.0

//! Events that must not be probed.
//!
//! Where a tracepoint is passed is no reason: before it calls its probes it has itself asked, relative
//! to gs, whether this CPU is online, and counted a reader of SRCU on this CPU. It is not
//! passed where RCU does not watch. So one more addition is in order wherever it is passed, NMIs
//! included. What attaching does is another matter.

use kernel::prelude::*;

/// Those whose `regfunc`, which the first probe calls, does harm.
///
/// The others that have one, in x86-64 kernels, set a static key or a flag of each task, or
/// exchange a function for one that passes the tracepoint.
const REFUSED: [(&CStr, &CStr); 1] = [
    // It starts a thread that passes the tracepoint again and again, and does nothing else.
    (c"benchmark", c"benchmark_event"),
];

/// Whether `system:event` must not be probed.
pub(super) fn is_refused(system: &CStr, event: &CStr) -> bool {
    REFUSED.contains(&(system, event))
}
