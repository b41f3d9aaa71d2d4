// SPDX-License-Identifier: GPL-2.0

//! The chain of suspends and hibernations.
//!
//! C header: [`include/linux/suspend.h`](srctree/include/linux/suspend.h)

use kernel::prelude::*;

use super::{
    actions::actions,
    kernel_chain,
    KernelChain, //
};
use crate::bindings;

/// Tells that the machine goes to sleep or wakes up: `register_pm_notifier()`.
///
/// A blocking chain: subscribers may sleep. User space still runs, or runs again. Who objects to
/// one of the three preparations keeps the machine awake.
#[derive(Clone, Copy)]
pub struct Pm;

actions! {
    /// Names what subscribers to [`Pm`] are told.
    pub enum PmAction {
        /// An image of memory is about to be made: `PM_HIBERNATION_PREPARE`.
        HibernationPrepare = PM_HIBERNATION_PREPARE,
        /// It was made, loaded or given up: `PM_POST_HIBERNATION`.
        PostHibernation = PM_POST_HIBERNATION,
        /// The machine is about to be suspended: `PM_SUSPEND_PREPARE`.
        SuspendPrepare = PM_SUSPEND_PREPARE,
        /// It woke up, or was not suspended after all: `PM_POST_SUSPEND`.
        PostSuspend = PM_POST_SUSPEND,
        /// An image of memory is about to be loaded: `PM_RESTORE_PREPARE`.
        RestorePrepare = PM_RESTORE_PREPARE,
        /// It could not be loaded: `PM_POST_RESTORE`.
        PostRestore = PM_POST_RESTORE,
    }
}

impl KernelChain for Pm {
    type Data<'a> = PmAction;

    unsafe fn data<'a>(action: usize, _data: *mut c_void) -> Self::Data<'a> {
        PmAction::from_raw(action)
    }

    fn may_veto(action: &PmAction) -> bool {
        matches!(
            action,
            PmAction::HibernationPrepare | PmAction::SuspendPrepare | PmAction::RestorePrepare
        )
    }
}

kernel_chain! {
    // SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
    unsafe impl Source for Pm {
        register: bindings::register_pm_notifier,
        unregister: bindings::unregister_pm_notifier,
    }
}
