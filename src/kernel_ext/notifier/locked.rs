// SPDX-License-Identifier: GPL-2.0

//! Raw chains whose lock is held.

use core::ops::{
    Deref,
    DerefMut, //
};

use kernel::{
    sync::lock::{
        self,
        Guard, //
    },
    types::NotThreadSafe, //
};

use super::{
    chain::Call,
    Called,
    Chain,
    Event,
    Raw, //
};
use crate::bindings;

/// Holds the lock of a [raw](Raw) chain, and gives access to what else the lock protects.
///
/// It is not shared with other threads, nor with interrupts of other CPUs, which
/// [`on_each_cpu`](crate::smp::on_each_cpu) would call with it: subscribers may count on the
/// context that the lock was taken in, and on being called one after another.
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
    /// Takes the owner's lock, in the context that the lock asks for.
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
    /// Tells all subscribers as [`Chain::call`] does, with the lock that is held:
    /// `raw_notifier_call_chain()`.
    pub fn call(&self, data: E::Data<'_>) -> Called {
        let action = E::action(&data);

        Call::<E>::new(data, None).make(|data| {
            // SAFETY: The head is initialised and `data` is what its blocks expect, by the
            // invariant of the chain. Its lock is held, by that of `self`.
            unsafe { bindings::raw_notifier_call_chain(self.chain.as_raw(), action, data) }
        })
    }

    /// Tells all subscribers as [`Chain::call_robust`] does, with the lock that is held:
    /// `raw_notifier_call_chain_robust()`.
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
