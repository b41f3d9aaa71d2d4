// SPDX-License-Identifier: GPL-2.0

//! What subscribers are told of, and by which chain.

use kernel::{
    bindings::notifier_block,
    prelude::*,
    sync::Arc, //
};

use super::{
    chain::Call,
    Backend,
    Chain,
    Event,
    Notify, //
};

/// Marks what a [`Registration`](super::Registration) can be of: each [`Event`], through its chain,
/// each [`GlobalChain`](super::GlobalChain), and each [`KernelChain`](super::KernelChain).
///
/// # Safety
///
/// A block that [`unregister`](Source::unregister) has taken off must not be called any more when
/// that returns, nor be touched in another way. It must be called with what
/// [`deliver`](Source::deliver) expects alone.
pub unsafe trait Source: Sized + 'static {
    /// Stands for the chain in a registration.
    type Chain: Send + Sync + 'static;

    /// Holds what subscribers are told.
    type Data<'a>;

    /// Puts a block on the chain.
    ///
    /// # Safety
    ///
    /// `block` must not be on a chain, and must be fit to be called, and stay where it is, until
    /// it is taken off. Its callback must do no more than to call [`deliver`](Source::deliver).
    unsafe fn register(chain: &Self::Chain, block: *mut notifier_block) -> Result;

    /// Takes a block off the chain, and waits until nobody calls it any more.
    ///
    /// # Safety
    ///
    /// `block` must have been put on the same chain.
    unsafe fn unregister(chain: &Self::Chain, block: *mut notifier_block);

    /// Has `notify` tell a subscriber what a call of the chain is about, and returns what to
    /// answer.
    ///
    /// # Safety
    ///
    /// The chain must be calling a block, with `action` and `data`.
    unsafe fn deliver(
        action: usize,
        data: *mut c_void,
        notify: impl FnOnce(&Self::Data<'_>) -> Notify,
    ) -> Notify;
}

// SAFETY: By the contract of `Backend`. Only `Chain` calls the blocks, always with a `Call<E>`.
unsafe impl<E: Event> Source for E {
    type Chain = Arc<Chain<E>>;
    type Data<'a> = E::Data<'a>;

    unsafe fn register(chain: &Self::Chain, block: *mut notifier_block) -> Result {
        // SAFETY: The head is initialised; the rest is the function's contract.
        unsafe { E::Backend::register(chain.as_raw(), chain.owners_lock(), block) }
    }

    unsafe fn unregister(chain: &Self::Chain, block: *mut notifier_block) {
        // SAFETY: By the function's contract.
        unsafe { E::Backend::unregister(chain.as_raw(), chain.owners_lock(), block) }
    }

    unsafe fn deliver(
        action: usize,
        data: *mut c_void,
        notify: impl FnOnce(&E::Data<'_>) -> Notify,
    ) -> Notify {
        // SAFETY: By the function's contract the chain is being called, with what `Call::make`
        // passed.
        unsafe { Call::<E>::deliver(data, action, notify) }
    }
}
