// SPDX-License-Identifier: GPL-2.0

//! The chain of reboots.
//!
//! C header: [`include/linux/reboot.h`](srctree/include/linux/reboot.h)

use kernel::{
    bindings::notifier_block,
    error::to_result,
    prelude::*, //
};

use super::{
    actions::actions,
    Notify,
    Source,
    Subscriber, //
};
use crate::bindings;

/// The machine is about to stop: `register_reboot_notifier()`.
///
/// A blocking chain: subscribers may sleep. Devices still work. Nobody can object.
#[derive(Clone, Copy)]
pub struct Reboot;

actions! {
    /// How the machine stops.
    pub enum RebootAction {
        /// It starts again: `SYS_RESTART`.
        Restart = SYS_RESTART,
        /// It stands still: `SYS_HALT`.
        Halt = SYS_HALT,
        /// It goes off: `SYS_POWER_OFF`.
        PowerOff = SYS_POWER_OFF,
    }
}

/// What subscribers to [`Reboot`] are told.
pub struct RebootNotice<'a> {
    action: RebootAction,
    command: Option<&'a CStr>,
}

impl RebootNotice<'_> {
    /// How the machine stops.
    pub fn action(&self) -> RebootAction {
        self.action
    }

    /// What is passed to the firmware or the next kernel, if anything: the argument of
    /// `LINUX_REBOOT_CMD_RESTART2`, or `kexec reboot`.
    pub fn command(&self) -> Option<&CStr> {
        self.command
    }
}

// SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
unsafe impl Source for Reboot {
    type Chain = Self;
    type Data<'a> = RebootNotice<'a>;

    unsafe fn register(_chain: &Self, block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::register_reboot_notifier(block) })
    }

    unsafe fn unregister(_chain: &Self, block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe { bindings::unregister_reboot_notifier(block) };
    }

    unsafe fn deliver<S: Subscriber<Self>>(
        subscriber: &S,
        action: usize,
        data: *mut c_void,
    ) -> Notify {
        let action = RebootAction::from_raw(action);
        let command = if action == RebootAction::Restart && !data.is_null() {
            // SAFETY: With `SYS_RESTART` comes a string, which lives until the call ends.
            Some(unsafe { CStr::from_char_ptr(data.cast()) })
        } else {
            None
        };

        subscriber
            .notify(&RebootNotice { action, command })
            .filter_veto(false)
    }
}
