// SPDX-License-Identifier: GPL-2.0

//! Chains that live under their owner's lock.

use core::{
    marker::PhantomData,
    ops::{
        Deref,
        DerefMut, //
    }, //
};

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
        Guard,
        Lock, //
    },
    types::NotThreadSafe, //
};

use super::{
    Backend,
    Robust, //
};
use crate::{
    bindings,
    notifier::{
        chain::Call,
        Called,
        Chain,
        Event, //
    }, //
};

/// A chain without a lock of its own, under that of its owner: `struct raw_notifier_head`.
///
/// The owner's lock protects a `T` too, so that a change of it and the call that tells of it can
/// be one step: see [`Chain::lock`]. Subscribers are called with the lock held. `B` is the kind
/// of lock; under a spinlock subscribers must not sleep, and unsubscribing does not either.
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

/// A [raw](Raw) chain whose lock is held, with what else the lock protects.
///
/// It is not shared with other threads, nor with interrupts of other CPUs, which
/// [`on_each_cpu`](crate::smp::on_each_cpu) would call with it: subscribers may count on the context that
/// the lock was taken in, and on being called one after another.
///
/// # Invariants
///
/// `guard` is of `chain`'s lock.
pub struct Locked<'a, E: Event, T, B: lock::Backend> {
    chain: &'a Chain<E>,
    guard: Guard<'a, T, B>,
    _here: NotThreadSafe,
}

impl<E, T, B> Chain<E>
where
    E: Event<Backend = Raw<T, B>>,
    T: Send + 'static,
    B: lock::Backend + 'static,
{
    /// Takes the owner's lock. Context as for the lock.
    pub fn lock(&self) -> Locked<'_, E, T, B> {
        // INVARIANT: This is the chain's lock.
        Locked {
            chain: self,
            guard: self.owners_lock().lock(),
            _here: NotThreadSafe,
        }
    }
}

impl<E, T, B> Locked<'_, E, T, B>
where
    E: Event<Backend = Raw<T, B>>,
    T: Send + 'static,
    B: lock::Backend + 'static,
{
    /// [`Chain::call`], with the lock that is held: `raw_notifier_call_chain()`.
    pub fn call(&self, data: E::Data<'_>) -> Called {
        let action = E::action(&data);

        Call::<E>::new(data, None).make(|data| {
            // SAFETY: The head is initialised and `data` is what its blocks expect, by the
            // invariant of the chain. Its lock is held, by that of `self`.
            unsafe { bindings::raw_notifier_call_chain(self.chain.as_raw(), action, data) }
        })
    }

    /// [`Chain::call_robust`], with the lock that is held: `raw_notifier_call_chain_robust()`.
    pub fn call_robust<'a>(&self, up: E::Data<'a>, down: E::Data<'a>) -> Called {
        let (action, undo) = (E::action(&up), E::action(&down));
        let head = self.chain.as_raw();

        Call::<E>::new(up, Some((undo, down))).make(|data| {
            // SAFETY: As in `call`.
            unsafe { bindings::raw_notifier_call_chain_robust(head, action, undo, data) }
        })
    }
}

impl<E: Event, T, B: lock::Backend> Deref for Locked<'_, E, T, B> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<E: Event, T: Unpin, B: lock::Backend> DerefMut for Locked<'_, E, T, B> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
