// SPDX-License-Identifier: GPL-2.0

//! Callbacks that may sleep do not get a number where interrupts are disabled.
//! error: the number is of another section

use kernel::bindings::cpuhp_state_CPUHP_AP_SCHED_STARTING;
use kernel_ext::cpuhp::{
    OnlineCalls,
    StateId, //
};

#[no_mangle]
fn main() -> StateId<OnlineCalls> {
    // SAFETY: None.
    unsafe { StateId::fixed::<{ cpuhp_state_CPUHP_AP_SCHED_STARTING }>(c"example") }
}
