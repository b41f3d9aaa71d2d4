// SPDX-License-Identifier: GPL-2.0

//! Chains that live under their owner's lock.

use core::marker::PhantomData;

use kernel::{
    bindings::{
        lock_class_key,
        notifier_block,
        raw_notifier_head, //
    },
    error::to_result,
    prelude::*,
    sync::lock::{
        self,
        Lock, //
    }, //
};

use super::{
    Backend,
    Robust, //
};
use crate::bindings;

/// Describes chains without a lock of their own, under that of their owner:
/// `struct raw_notifier_head`.
///
/// The owner's lock protects a `T` too, so that a change of it and the call that tells of it can be
/// one step: see [`Chain::lock`](crate::notifier::Chain::lock). Subscribers are called with the
/// lock held. `B` is the kind of lock; under a spinlock subscribers must not sleep, and
/// unsubscribing does not either.
///
/// # Examples
///
/// ```
/// use kernel::{
///     new_mutex,
///     prelude::*,
///     sync::{
///         lock::mutex::MutexBackend,
///         Arc, //
///     }, //
/// };
/// use kernel_ext::{
///     new_chain,
///     notifier::{
///         Chain,
///         Event,
///         Raw, //
///     }, //
/// };
///
/// /// The state of a device changes, from and to.
/// struct Change;
///
/// impl Event for Change {
///     type Backend = Raw<u32, MutexBackend>;
///     type Data<'a> = (u32, u32);
///
///     fn action(_change: &(u32, u32)) -> usize {
///         1
///     }
/// }
///
/// let chain: Arc<Chain<Change>> = Arc::pin_init(new_chain!(new_mutex!(0)), GFP_KERNEL)?;
///
/// let mut state = chain.lock();
/// let called = state.call((*state, 7));
/// if called.to_result().is_ok() {
///     *state = 7;
/// }
/// assert_eq!(*state, 7);
/// # drop(state);
/// # Ok::<(), Error>(())
/// ```
pub struct Raw<T, B>(PhantomData<fn(T, B)>);

// SAFETY: All functions hold the lock while they use the list.
unsafe impl<T: Send + 'static, B: lock::Backend + 'static> Backend for Raw<T, B> {
    type Head = raw_notifier_head;
    type Lock = Lock<T, B>;

    unsafe fn init(
        head: *mut Self::Head,
        _name: *const c_char,
        _key: *mut lock_class_key,
    ) -> Result {
        // SAFETY: By the function's contract.
        unsafe { (*head).head = core::ptr::null_mut() };
        Ok(())
    }

    unsafe fn register(
        head: *mut Self::Head,
        lock: &Self::Lock,
        block: *mut notifier_block,
    ) -> Result {
        let _guard = lock.lock();

        // SAFETY: By the function's contract, and the lock is held.
        to_result(unsafe { bindings::raw_notifier_chain_register(head, block) })
    }

    unsafe fn unregister(head: *mut Self::Head, lock: &Self::Lock, block: *mut notifier_block) {
        let _guard = lock.lock();

        // SAFETY: By the function's contract the block is there, so this cannot fail. The lock
        // is held, so no call is under way.
        unsafe { bindings::raw_notifier_chain_unregister(head, block) };
    }

    unsafe fn call(
        head: *mut Self::Head,
        lock: &Self::Lock,
        action: usize,
        data: *mut c_void,
    ) -> c_int {
        let _guard = lock.lock();

        // SAFETY: By the function's contract, and the lock is held.
        unsafe { bindings::raw_notifier_call_chain(head, action, data) }
    }
}

// SAFETY: Both rounds run under the lock.
unsafe impl<T: Send + 'static, B: lock::Backend + 'static> Robust for Raw<T, B> {
    unsafe fn call_robust(
        head: *mut Self::Head,
        lock: &Self::Lock,
        up: usize,
        down: usize,
        data: *mut c_void,
    ) -> c_int {
        let _guard = lock.lock();

        // SAFETY: By the function's contract, and the lock is held.
        unsafe { bindings::raw_notifier_call_chain_robust(head, up, down, data) }
    }
}
