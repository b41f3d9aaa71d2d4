// SPDX-License-Identifier: GPL-2.0

//! What differs between the four kinds of chains.
//!
//! A chain of one's own is a [`Chain<E>`](super::Chain), whatever its kind. As `kernel::sync::lock`
//! has one `Lock` and a backend for each sort of lock, the kinds differ in their [`Backend`]: the
//! head that C declares, how it is initialised, and which of C's functions work on it.

mod atomic;
mod blocking;
mod raw;
mod srcu;

use kernel::{
    bindings::{
        lock_class_key,
        notifier_block, //
    },
    prelude::*, //
};

pub use self::{
    atomic::Atomic,
    blocking::Blocking,
    raw::Raw,
    srcu::Srcu, //
};

/// Says how a kind of chain works, as `kernel::sync::lock::Backend` does of locks.
///
/// # Safety
///
/// Implementers must ensure that
///
/// - [`register`](Backend::register), [`unregister`](Backend::unregister) and
///   [`call`](Backend::call) may run at the same time on any CPU;
/// - a block that [`unregister`](Backend::unregister) has taken off is not called any more when
///   that returns, nor is it touched in another way.
pub unsafe trait Backend: 'static {
    /// Names C's type of the chain's head: `struct *_notifier_head`.
    type Head;

    /// Names what the chain's owner supplies to keep the chain still; `()` if the head does that by
    /// itself.
    type Lock: Send + Sync + 'static;

    /// Initialises a head without blocks.
    ///
    /// May sleep. Fails if memory is short, and only if the head needs some.
    ///
    /// # Safety
    ///
    /// `head` must be valid for writes and stay where it is until it is [cleaned
    /// up](Backend::cleanup); `name` and `key` must remain valid indefinitely.
    unsafe fn init(head: *mut Self::Head, name: *const c_char, key: *mut lock_class_key) -> Result;

    /// Releases what [`init`](Backend::init) has acquired.
    ///
    /// # Safety
    ///
    /// `head` must be initialised and without blocks, and must not be used again.
    unsafe fn cleanup(_head: *mut Self::Head) {}

    /// Puts a block on the chain, behind those of higher or of the same priority.
    ///
    /// # Safety
    ///
    /// `head` must be initialised, for `lock` if there is one. `block` must not be on a chain, and
    /// must be fit to be called, and stay where it is, until it is taken off.
    unsafe fn register(
        head: *mut Self::Head,
        lock: &Self::Lock,
        block: *mut notifier_block,
    ) -> Result;

    /// Takes a block off the chain, and waits until nobody calls it any more.
    ///
    /// # Safety
    ///
    /// `block` must have been put on the chain, with the same `head` and `lock`.
    unsafe fn unregister(head: *mut Self::Head, lock: &Self::Lock, block: *mut notifier_block);

    /// Calls the blocks, and returns what the last one did.
    ///
    /// # Safety
    ///
    /// `head` must be initialised, for `lock` if there is one. `data` must be what the callbacks
    /// of all blocks expect.
    unsafe fn call(
        head: *mut Self::Head,
        lock: &Self::Lock,
        action: usize,
        data: *mut c_void,
    ) -> c_int;
}

/// Marks the kinds of chains on which a subscriber can have a priority for itself.
///
/// # Safety
///
/// As for [`Backend`], with [`register_unique_prio`](UniquePriority::register_unique_prio) in place
/// of [`Backend::register`].
pub unsafe trait UniquePriority: Backend {
    /// Puts a block on the chain, unless one with its priority is there: that is `EBUSY`.
    ///
    /// # Safety
    ///
    /// As for [`Backend::register`].
    unsafe fn register_unique_prio(
        head: *mut Self::Head,
        lock: &Self::Lock,
        block: *mut notifier_block,
    ) -> Result;
}

/// Marks the kinds of chains that do not change between an event and its undoing.
///
/// # Safety
///
/// As for [`Backend`], with [`call_robust`](Robust::call_robust) in place of [`Backend::call`].
pub unsafe trait Robust: Backend {
    /// Calls the blocks, and if one stops the chain, those before it once more, with `down`;
    /// returns what the last one did in the first round.
    ///
    /// # Safety
    ///
    /// As for [`Backend::call`].
    unsafe fn call_robust(
        head: *mut Self::Head,
        lock: &Self::Lock,
        up: usize,
        down: usize,
        data: *mut c_void,
    ) -> c_int;
}

/// Makes functions of a [`Backend`] whose head keeps itself still: each passes its arguments on to
/// one of C's.
macro_rules! functions {
    (register: $register:ident, unregister: $unregister:ident, call: $call:ident) => {
        type Lock = ();

        unsafe fn register(
            head: *mut Self::Head,
            _lock: &(),
            block: *mut ::kernel::bindings::notifier_block,
        ) -> Result {
            // SAFETY: By the function's contract.
            ::kernel::error::to_result(unsafe { $crate::bindings::$register(head, block) })
        }

        unsafe fn unregister(
            head: *mut Self::Head,
            _lock: &(),
            block: *mut ::kernel::bindings::notifier_block,
        ) {
            // SAFETY: By the function's contract the block is there, so this cannot fail.
            unsafe { $crate::bindings::$unregister(head, block) };
        }

        unsafe fn call(
            head: *mut Self::Head,
            _lock: &(),
            action: usize,
            data: *mut c_void,
        ) -> c_int {
            // SAFETY: By the function's contract.
            unsafe { $crate::bindings::$call(head, action, data) }
        }
    };
    (register_unique_prio: $register:ident) => {
        unsafe fn register_unique_prio(
            head: *mut Self::Head,
            _lock: &(),
            block: *mut ::kernel::bindings::notifier_block,
        ) -> Result {
            // SAFETY: By the function's contract.
            ::kernel::error::to_result(unsafe { $crate::bindings::$register(head, block) })
        }
    };
}
use functions;
