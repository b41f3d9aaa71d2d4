// SPDX-License-Identifier: GPL-2.0

//! The chain of modules with tracepoints.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

use core::cell::UnsafeCell;

use kernel::{
    bindings::{
        notifier_block,
        tp_module, //
    },
    container_of,
    error::to_result,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    task::Task, //
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

/// A module with tracepoints comes or goes: `register_tracepoint_module_notifier()`.
///
/// A blocking chain: subscribers may sleep. Nobody can object.
///
/// The lock of the kernel's list of such modules is held while subscribers are called. So they must not
/// load or unload a module with tracepoints and wait for it, nor drop a registration to this chain:
/// they would wait for themselves. What can be told is told: to subscribe, or to look for or attach
/// to events of modules with [`Probes`](crate::tracepoint::Probes), fails with `EDEADLK` there.
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

/// The task that the chain is calling subscribers in, by its address; 0 if there is none. One task
/// at a time does, by the lock of the list of modules.
static CALLED: Atomic<usize> = Atomic::new(0);

/// Fails with `EDEADLK` if this task is in a call of the chain, where the lock of the list is held.
fn may_take_the_lock() -> Result {
    // ORDERING: If it is this task that is there, it has written that itself.
    if CALLED.load(Relaxed) == Task::current_raw().addr() {
        return Err(EDEADLK);
    }
    Ok(())
}

// SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading. The calls
// that are made by registering and unregistering itself have ended when that returns.
unsafe impl Source for TracepointModules {
    type Chain = Self;
    type Data<'a> = TracepointModuleNotice<'a>;

    unsafe fn register(_chain: &Self, block: *mut notifier_block) -> Result {
        may_take_the_lock()?;

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
    ) -> Notify {
        let action = TracepointModuleAction::from_raw(action);
        // SAFETY: The chain passes a `struct tp_module`, whose module is there at least until the
        // call ends.
        let module = unsafe { ModuleRef::from_raw((*data.cast::<tp_module>()).mod_) };

        CALLED.store(Task::current_raw().addr(), Relaxed);
        let answer = subscriber.notify(&TracepointModuleNotice { action, module });
        CALLED.store(0, Relaxed);
        answer.filter_veto(false)
    }
}

/// Calls `f` with each module with tracepoints that is there, in this task. Sleeps.
///
/// Such a module is on the list that the chain tells of. It does not leave the list before `f` returns,
/// and all subscribers are told before it does.
///
/// `for_each_module_tracepoint()` is not exported. But whoever subscribes to the chain is told of
/// each module at once, so a block is put on the chain for a moment. Nothing is allocated.
///
/// Fails with `EDEADLK` in a call of the chain. `f` is called with the lock of the list held too, so it
/// must not subscribe to this chain, nor walk the list.
pub(crate) fn for_each_tracepoint_module<F: FnMut(ModuleRef<'_>)>(f: F) -> Result {
    struct Walk<F> {
        block: notifier_block,
        task: usize,
        f: F,
    }

    /// # Safety
    ///
    /// To be called by the chain alone, for the `block` of a `Walk<F>`.
    unsafe extern "C" fn visit<F: FnMut(ModuleRef<'_>)>(
        block: *mut notifier_block,
        action: c_ulong,
        data: *mut c_void,
    ) -> c_int {
        // SAFETY: By the function's contract. The walk lives until the block is off the chain.
        let walk = unsafe { container_of!(block, Walk<F>, block) };

        // SAFETY: As above; this field does not change.
        let is_ours = unsafe { (*walk).task } == Task::current_raw().addr();
        // A module that another task loads meanwhile is not for `f`, and the walk's end is told as if
        // all modules went.
        if is_ours && TracepointModuleAction::from_raw(action) == TracepointModuleAction::Coming {
            // SAFETY: The chain passes a `struct tp_module`, whose module is there at least until
            // the call ends. `f` is called by one task alone, which is in `register...()`.
            unsafe { ((*walk).f)(ModuleRef::from_raw((*data.cast::<tp_module>()).mod_)) };
        }
        // CAST: A small number.
        bindings::NOTIFY_DONE as c_int
    }

    may_take_the_lock()?;
    let walk = UnsafeCell::new(Walk {
        block: notifier_block {
            notifier_call: Some(visit::<F>),
            next: core::ptr::null_mut(),
            priority: 0,
        },
        task: Task::current_raw().addr(),
        f,
    });
    // SAFETY: The walk does not move before this function returns.
    let block = unsafe { &raw mut (*walk.get()).block };

    // SAFETY: The block is on no chain, and is taken off before its memory goes. Neither function fails
    // then.
    unsafe {
        bindings::register_tracepoint_module_notifier(block);
        bindings::unregister_tracepoint_module_notifier(block);
    }
    Ok(())
}
