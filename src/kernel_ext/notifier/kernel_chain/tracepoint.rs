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
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    task::Task, //
};

use super::{
    actions::actions,
    kernel_chain,
    KernelChain,
    Notify, //
};
use crate::{
    bindings,
    compat::EDEADLK,
    module::ModuleRef, //
};

/// Tells that a module with tracepoints comes or goes: `register_tracepoint_module_notifier()`.
///
/// A blocking chain: subscribers may sleep. Nobody can object.
///
/// The lock of the kernel's list of such modules is held while subscribers are called. So they must
/// not load or unload a module with tracepoints and wait for it, nor drop a registration to this
/// chain: they would wait for themselves. Two of these mistakes are found out: it is `EDEADLK` to
/// subscribe in a subscriber, and to look for or attach to events of modules with
/// [`Probes`](crate::tracepoint::Probes).
///
/// A new subscriber is told at once of all such modules that are there, as if they came, and one that
/// leaves is told that they go. So it can undo what it did to a module when that goes, and nowhere
/// else.
#[derive(Clone, Copy)]
pub struct TracepointModules;

actions! {
    /// Names what a module with tracepoints does: `enum module_state`.
    pub enum TracepointModuleAction {
        /// It is linked, and its init function not yet called: `MODULE_STATE_COMING`.
        Coming = module_state_MODULE_STATE_COMING,
        /// Its code runs no more, and probes must leave its tracepoints: `MODULE_STATE_GOING`.
        Going = module_state_MODULE_STATE_GOING,
    }
}

/// Holds what subscribers to [`TracepointModules`] are told: `struct tp_module`.
pub struct TracepointModuleNotice<'a> {
    action: TracepointModuleAction,
    module: ModuleRef<'a>,
}

impl<'a> TracepointModuleNotice<'a> {
    /// Returns what the module does.
    pub fn action(&self) -> TracepointModuleAction {
        self.action
    }

    /// Returns the module.
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

/// Holds the address of the task in which the chain is calling subscribers, or 0.
///
/// There is one at a time, as it holds the lock of the list of modules.
static CALLED: Atomic<usize> = Atomic::new(0);

/// Fails with `EDEADLK` if this task is in a call of the chain, where the lock of the list is held.
fn may_take_the_lock() -> Result {
    // ORDERING: Relaxed, as it matters only whether the address is this task's: if it is, this task
    // has written it.
    if CALLED.load(Relaxed) == Task::current_raw().addr() {
        return Err(EDEADLK);
    }
    Ok(())
}

impl KernelChain for TracepointModules {
    type Data<'a> = TracepointModuleNotice<'a>;

    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a> {
        TracepointModuleNotice {
            action: TracepointModuleAction::from_raw(action),
            // SAFETY: The chain passes a `struct tp_module`, whose module is there at least until
            // the call ends.
            module: unsafe { ModuleRef::from_raw((*data.cast::<tp_module>()).mod_) },
        }
    }

    unsafe fn deliver(
        action: usize,
        data: *mut c_void,
        notify: impl FnOnce(&Self::Data<'_>) -> Notify,
    ) -> Notify {
        // SAFETY: By the function's contract; the call does not end before this function returns.
        let notice = unsafe { Self::data(action, data) };

        // ORDERING: Relaxed, as above: what is written here matters to this task alone.
        CALLED.store(Task::current_raw().addr(), Relaxed);
        let answer = notify(&notice);
        CALLED.store(0, Relaxed);
        answer.filter_veto(false)
    }
}

/// Puts a block on the chain; fails with `EDEADLK` in a call of the chain.
///
/// # Safety
///
/// As for `register_tracepoint_module_notifier()`.
unsafe fn register(block: *mut notifier_block) -> c_int {
    if let Err(error) = may_take_the_lock() {
        return error.to_errno();
    }

    // SAFETY: By the function's contract.
    unsafe { bindings::register_tracepoint_module_notifier(block) }
}

kernel_chain! {
    // SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading. The
    // calls that are made by registering and unregistering itself have ended when that returns.
    unsafe impl Source for TracepointModules {
        register: register,
        unregister: bindings::unregister_tracepoint_module_notifier,
    }
}

/// Calls `f` with each module with tracepoints that is there, in this task.
///
/// Sleeps. Fails with `EDEADLK` in a call of the chain. `f` is called with the lock of the list
/// held too, so it must not subscribe to this chain, nor walk the list.
///
/// Such a module is on the list that the chain tells of. It does not leave the list before `f`
/// returns, and all subscribers are told before it does.
///
/// `for_each_module_tracepoint()` is not exported. But whoever subscribes to the chain is told of
/// each module at once, so a block is put on the chain for a moment. Nothing is allocated.
pub(crate) fn for_each_tracepoint_module<F: FnMut(ModuleRef<'_>)>(f: F) -> Result {
    struct Walk<F> {
        block: notifier_block,
        task: usize,
        f: F,
    }

    /// Calls `f` with a module that comes: the `notifier_fn_t` of the block.
    ///
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
        // A module that another task loads meanwhile is not for `f`, and the walk's end is told as
        // if all modules went.
        if is_ours && TracepointModuleAction::from_raw(action) == TracepointModuleAction::Coming {
            // SAFETY: The chain passes a `struct tp_module`, whose module is there at least until
            // the call ends. `f` is called by one task alone, which is in `register...()`.
            unsafe { ((*walk).f)(ModuleRef::from_raw((*data.cast::<tp_module>()).mod_)) };
        }
        // CAST: It is 0; bindgen gives it an unsigned type.
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

    // SAFETY: The block is on no chain, and is taken off before its memory goes. Neither function
    // fails then.
    unsafe {
        bindings::register_tracepoint_module_notifier(block);
        bindings::unregister_tracepoint_module_notifier(block);
    }
    Ok(())
}
