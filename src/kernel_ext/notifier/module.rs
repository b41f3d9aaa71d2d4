// SPDX-License-Identifier: GPL-2.0

//! The chain of modules that come and go.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)

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
use crate::{
    bindings,
    module::ModuleRef, //
};

/// A module comes or goes: `register_module_notifier()`.
///
/// A blocking chain: subscribers may sleep. Who objects when a module is [`ModuleAction::Coming`]
/// keeps it from being loaded.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::notifier::{
///     ModuleAction,
///     ModuleNotice,
///     ModuleState,
///     Notify,
///     Registration,
///     Subscriber, //
/// };
///
/// /// Keeps a module out.
/// struct Blocklist(&'static CStr);
///
/// impl Subscriber<ModuleState> for Blocklist {
///     fn notify(&self, notice: &ModuleNotice<'_>) -> Notify {
///         if notice.action() == ModuleAction::Coming && notice.module().name() == self.0 {
///             return Notify::Bad(EPERM);
///         }
///         Notify::Done
///     }
/// }
///
/// let blocklist = Registration::<ModuleState, _>::new(ModuleState, 0, Blocklist(c"pcspkr"));
/// let _blocklist = KBox::pin_init(blocklist, GFP_KERNEL)?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct ModuleState;

actions! {
    /// What a module does: `enum module_state`.
    pub enum ModuleAction {
        /// It is linked, and its init function not yet called: `MODULE_STATE_COMING`.
        Coming = module_state_MODULE_STATE_COMING,
        /// Its init function has succeeded: `MODULE_STATE_LIVE`.
        Live = module_state_MODULE_STATE_LIVE,
        /// Its exit function has returned, or its init function failed, or somebody objected to
        /// its coming: `MODULE_STATE_GOING`.
        Going = module_state_MODULE_STATE_GOING,
    }
}

/// What subscribers to [`ModuleState`] are told.
pub struct ModuleNotice<'a> {
    action: ModuleAction,
    module: ModuleRef<'a>,
}

impl<'a> ModuleNotice<'a> {
    /// What the module does.
    pub fn action(&self) -> ModuleAction {
        self.action
    }

    /// Which one it is.
    pub fn module(&self) -> ModuleRef<'a> {
        self.module
    }
}

// SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
unsafe impl Source for ModuleState {
    type Chain = Self;
    type Data<'a> = ModuleNotice<'a>;

    unsafe fn register(_chain: &Self, block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::register_module_notifier(block) })
    }

    unsafe fn unregister(_chain: &Self, block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe { bindings::unregister_module_notifier(block) };
    }

    unsafe fn deliver<S: Subscriber<Self>>(
        subscriber: &S,
        action: usize,
        data: *mut c_void,
    ) -> Notify {
        let action = ModuleAction::from_raw(action);
        // SAFETY: The chain passes a module, which is there at least until the call ends.
        let module = unsafe { ModuleRef::from_raw(data.cast()) };

        subscriber
            .notify(&ModuleNotice { action, module })
            .filter_veto(action == ModuleAction::Coming)
    }
}
