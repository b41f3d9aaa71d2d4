// SPDX-License-Identifier: GPL-2.0

//! The chain of modules that come and go.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)

use kernel::prelude::*;

use super::{
    actions::actions,
    kernel_chain,
    KernelChain, //
};
use crate::{
    bindings,
    module::ModuleRef, //
};

/// Tells that a module comes or goes: `register_module_notifier()`.
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
    /// Names what a module does: `enum module_state`.
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

/// Holds what subscribers to [`ModuleState`] are told.
pub struct ModuleNotice<'a> {
    action: ModuleAction,
    module: ModuleRef<'a>,
}

impl<'a> ModuleNotice<'a> {
    /// Returns what the module does.
    pub fn action(&self) -> ModuleAction {
        self.action
    }

    /// Returns the module.
    pub fn module(&self) -> ModuleRef<'a> {
        self.module
    }
}

impl KernelChain for ModuleState {
    type Data<'a> = ModuleNotice<'a>;

    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a> {
        ModuleNotice {
            action: ModuleAction::from_raw(action),
            // SAFETY: The chain passes a module, which is there at least until the call ends.
            module: unsafe { ModuleRef::from_raw(data.cast()) },
        }
    }

    fn may_veto(notice: &ModuleNotice<'_>) -> bool {
        notice.action == ModuleAction::Coming
    }
}

kernel_chain! {
    // SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
    unsafe impl Source for ModuleState {
        register: bindings::register_module_notifier,
        unregister: bindings::unregister_module_notifier,
    }
}
