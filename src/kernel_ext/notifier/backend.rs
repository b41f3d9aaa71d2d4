// SPDX-License-Identifier: GPL-2.0

//! What differs between the four kinds of chains.

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
    raw::{
        Locked,
        Raw, //
    },
    srcu::Srcu, //
};

/// The "backend" of a chain: what differs between the kinds.
///
/// # Safety
///
/// Implementers must ensure that
///
/// - [`register`](Backend::register), [`unregister`](Backend::unregister) and [`call`](Backend::call) may
///   run at the same time on any CPU;
/// - a block that [`unregister`](Backend::unregister) has taken off is not called any more when that
///   returns, nor is it touched in another way.
pub unsafe trait Backend: 'static {
    /// The chain's head.
    type Head;

    /// What its owner supplies to keep the chain still; `()` if the head does that by itself.
    type Lock: Send + Sync + 'static;

    /// Initialises a head without blocks.
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

    /// Puts a block on the chain.
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

/// A kind of chain on which a priority can be had for oneself.
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

/// A kind of chain that does not change between an event and its undoing.
///
/// # Safety
///
/// As for [`Backend`], with [`call_robust`](Robust::call_robust) in place of [`Backend::call`].
pub unsafe trait Robust: Backend {
    /// Calls the blocks, and if one stops the chain, those before it once more, with `down`.
    /// Returns what the last one did in the first round.
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
