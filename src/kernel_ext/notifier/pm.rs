// SPDX-License-Identifier: GPL-2.0

//! The chain of suspends and hibernations.
//!
//! C header: [`include/linux/suspend.h`](srctree/include/linux/suspend.h)

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

/// The machine goes to sleep or wakes up: `register_pm_notifier()`.
///
/// A blocking chain: subscribers may sleep. User space still runs, or runs again. Who objects to
/// one of the three preparations keeps the machine awake.
#[derive(Clone, Copy)]
pub struct Pm;

actions! {
    /// What subscribers to [`Pm`] are told.
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

// SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
unsafe impl Source for Pm {
    type Chain = Self;
    type Data<'a> = PmAction;

    unsafe fn register(_chain: &Self, block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::register_pm_notifier(block) })
    }

    unsafe fn unregister(_chain: &Self, block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe { bindings::unregister_pm_notifier(block) };
    }

    unsafe fn deliver<S: Subscriber<Self>>(
        subscriber: &S,
        action: usize,
        _data: *mut c_void,
    ) -> Notify {
        let action = PmAction::from_raw(action);

        subscriber.notify(&action).filter_veto(matches!(
            action,
            PmAction::HibernationPrepare | PmAction::SuspendPrepare | PmAction::RestorePrepare
        ))
    }
}
