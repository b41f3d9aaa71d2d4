// SPDX-License-Identifier: GPL-2.0

//! The chain of modules with tracepoints.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

use kernel::{
    bindings::{
        notifier_block,
        tp_module, //
    },
    error::to_result,
    prelude::*, //
};

use super::{
    actions::actions,
    module::ModuleRef,
    Source,
    Subscriber,
    Verdict, //
};
use crate::bindings;

/// A module with tracepoints comes or goes: `register_tracepoint_module_notifier()`.
///
/// A blocking chain: subscribers may sleep. Nobody can object.
///
/// Who subscribes is told at once of all such modules that are there, as if they came, and who
/// unsubscribes as if they went. So what is done to a module that comes can be undone when it goes,
/// and nowhere else.
#[derive(Clone, Copy)]
pub struct TracepointModules;

actions! {
    /// What a module with tracepoints does.
    pub enum TracepointModuleAction {
        /// It is linked, and its init function not yet called: `MODULE_STATE_COMING`.
        Coming = module_state_MODULE_STATE_COMING,
        /// Its code runs no more, and probes must leave its tracepoints: `MODULE_STATE_GOING`.
        Going = module_state_MODULE_STATE_GOING,
    }
}

/// What subscribers to [`TracepointModules`] are told.
pub struct TracepointModuleNotice<'a> {
    action: TracepointModuleAction,
    module: ModuleRef<'a>,
}

impl<'a> TracepointModuleNotice<'a> {
    /// What the module does.
    pub fn action(&self) -> TracepointModuleAction {
        self.action
    }

    /// Which one it is.
    pub fn module(&self) -> ModuleRef<'a> {
        self.module
    }

    /// Walks the names of its tracepoints, without the system's.
    ///
    /// Equivalent to `for_each_tracepoint_in_module()`, which is not exported.
    pub fn tracepoints(&self) -> impl Iterator<Item = &'a CStr> + use<'a> {
        let module = self.module.as_ptr();
        // SAFETY: The module stays for `'a`, and with it the array, whose length does not change.
        let (pointers, len) = unsafe { ((*module).tracepoints_ptrs, (*module).num_tracepoints) };

        // CAST: Widening.
        (0..len as usize).map(move |index| {
            // SAFETY: The index is below the length of the array.
            let pointer = unsafe { pointers.add(index) };
            // SAFETY: This is an entry of the array, which stands for a tracepoint of the module.
            let tracepoint = unsafe { bindings::tracepoint_ptr_deref(pointer.cast_mut()) };
            // SAFETY: A tracepoint's name is a string that lives as long as it does.
            unsafe { CStr::from_char_ptr((*tracepoint).name) }
        })
    }
}

// SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading. The calls
// that are made by registering and unregistering itself have ended when that returns.
unsafe impl Source for TracepointModules {
    type Chain = Self;
    type Data<'a> = TracepointModuleNotice<'a>;

    unsafe fn register(_chain: &Self, block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::register_tracepoint_module_notifier(block) })
    }

    unsafe fn unregister(_chain: &Self, block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe { bindings::unregister_tracepoint_module_notifier(block) };
    }

    unsafe fn deliver<S: Subscriber<Self>>(
        subscriber: &S,
        action: usize,
        data: *mut c_void,
    ) -> Verdict {
        let action = TracepointModuleAction::from_raw(action);
        // SAFETY: The chain passes a `struct tp_module`, whose module is there at least until the
        // call ends.
        let module = unsafe { ModuleRef::from_raw((*data.cast::<tp_module>()).mod_) };

        subscriber
            .notify(&TracepointModuleNotice { action, module })
            .without_silence(false)
    }
}
