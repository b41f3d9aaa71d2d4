// SPDX-License-Identifier: GPL-2.0

//! The chain of reboots.
//!
//! C header: [`include/linux/reboot.h`](srctree/include/linux/reboot.h)

use kernel::prelude::*;

use super::{
    actions::actions,
    kernel_chain,
    KernelChain, //
};
use crate::bindings;

/// Tells that the machine is about to stop: `register_reboot_notifier()`.
///
/// A blocking chain: subscribers may sleep. Devices still work. Nobody can object.
#[derive(Clone, Copy)]
pub struct Reboot;

actions! {
    /// Names the ways in which the machine stops.
    pub enum RebootAction {
        /// It starts again: `SYS_RESTART`.
        Restart = SYS_RESTART,
        /// It stands still: `SYS_HALT`.
        Halt = SYS_HALT,
        /// It goes off: `SYS_POWER_OFF`.
        PowerOff = SYS_POWER_OFF,
    }
}

/// Holds what subscribers to [`Reboot`] are told.
pub struct RebootNotice<'a> {
    action: RebootAction,
    command: Option<&'a CStr>,
}

impl RebootNotice<'_> {
    /// Returns how the machine stops.
    pub fn action(&self) -> RebootAction {
        self.action
    }

    /// Returns what is passed to the firmware or the next kernel, if anything: the argument of
    /// `LINUX_REBOOT_CMD_RESTART2`, or `kexec reboot`.
    pub fn command(&self) -> Option<&CStr> {
        self.command
    }
}

impl KernelChain for Reboot {
    type Data<'a> = RebootNotice<'a>;

    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a> {
        let action = RebootAction::from_raw(action);
        let command = if action == RebootAction::Restart && !data.is_null() {
            // SAFETY: With `SYS_RESTART` comes a string, which lives until the call ends.
            Some(unsafe { CStr::from_char_ptr(data.cast()) })
        } else {
            None
        };

        RebootNotice { action, command }
    }
}

kernel_chain! {
    // SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
    unsafe impl Source for Reboot {
        register: bindings::register_reboot_notifier,
        unregister: bindings::unregister_reboot_notifier,
    }
}
