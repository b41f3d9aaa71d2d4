// SPDX-License-Identifier: GPL-2.0

//! Subscribers, and their registration with a chain.

use core::ops::Deref;

use kernel::{
    bindings::notifier_block,
    container_of,
    prelude::*,
    sync::Arc,
    types::Opaque, //
};

use super::{
    Chain,
    Event,
    Notify,
    Source,
    UniquePriority, //
};

/// Hears of events: what C calls a notifier.
pub trait Subscriber<E: Source>: Send + Sync + 'static {
    /// Takes note of an event, and answers it: what C calls `notifier_call`.
    ///
    /// Called once for each event. Whether it may sleep is up to the chain. It must not drop a
    /// registration to the chain that calls; a [blocking](super::Blocking) or [raw](super::Raw) one
    /// is locked meanwhile, so it must not call that chain nor subscribe to it either.
    fn notify(&self, data: &E::Data<'_>) -> Notify;
}

impl<E: Source, S: Subscriber<E>> Subscriber<E> for Arc<S> {
    fn notify(&self, data: &E::Data<'_>) -> Notify {
        S::notify(self, data)
    }
}

/// Keeps a subscriber on a chain, in its place by priority: `struct notifier_block`.
///
/// Dropping it unsubscribes, and waits for calls that are under way: see the [module](super) for
/// what sleeps.
///
/// What is around the subscriber, such as a device that it is part of, can be the subscriber
/// itself: `&self` of [`Subscriber::notify`] is what the registration holds, and what it
/// dereferences to.
///
/// One that is leaked ([`core::mem::forget`] of a box that it is in) goes on being called, also
/// when the code of its subscriber is gone with its module.
///
/// # Invariants
///
/// `block` is on `chain`, and stays there until it is dropped.
#[pin_data(PinnedDrop)]
pub struct Registration<E: Source, S: Subscriber<E>> {
    #[pin]
    block: Opaque<notifier_block>,
    #[pin]
    subscriber: S,
    chain: E::Chain,
}

// SAFETY: The block is touched by the chain alone, and subscribers are `Send`.
unsafe impl<E: Source, S: Subscriber<E>> Send for Registration<E, S> {}

// SAFETY: A shared reference gives access to nothing but the subscriber, which is `Sync`.
unsafe impl<E: Source, S: Subscriber<E>> Sync for Registration<E, S> {}

impl<E: Source, S: Subscriber<E>> Registration<E, S> {
    /// Puts `subscriber` on `chain`, behind those of higher or of the same `priority`.
    ///
    /// Equivalent to `atomic_notifier_chain_register()` and so on. Fails as `subscriber` does, and
    /// as the chain does: of the kernel's own some refuse. The [module](super) says what may sleep.
    pub fn new<Fail>(
        chain: E::Chain,
        priority: i32,
        subscriber: impl PinInit<S, Fail>,
    ) -> impl PinInit<Self, Error>
    where
        Error: From<Fail>,
    {
        // SAFETY: `register` puts the block on the chain.
        unsafe { Self::registered_by(E::register, chain, priority, subscriber) }
    }

    /// Makes a registration whose block is put on the chain by `register`.
    ///
    /// # Safety
    ///
    /// `register` must do what [`Source::register`] does.
    unsafe fn registered_by<Fail>(
        register: unsafe fn(&E::Chain, *mut notifier_block) -> Result,
        chain: E::Chain,
        priority: i32,
        subscriber: impl PinInit<S, Fail>,
    ) -> impl PinInit<Self, Error>
    where
        Error: From<Fail>,
    {
        try_pin_init!(&this in Self {
            subscriber <- subscriber,
            chain,
            block <- Opaque::try_ffi_init(move |block: *mut notifier_block| {
                let init = notifier_block {
                    notifier_call: Some(Self::notifier_call),
                    next: core::ptr::null_mut(),
                    priority,
                };
                // SAFETY: `block` is valid for writes.
                unsafe { block.write(init) };

                // SAFETY: `chain` was initialised above.
                let chain = unsafe { &(*this.as_ptr()).chain };
                // INVARIANT: On success the block is on the chain. All other fields are ready, so
                // it may be called from now on.
                // SAFETY: The block is new and pinned, and `drop` takes it off the chain before its
                // memory goes.
                unsafe { register(chain, block) }
            }),
        }? Error)
    }

    /// Tells the subscriber of a call of the chain: the `notifier_fn_t` of the block.
    ///
    /// # Safety
    ///
    /// To be called through `block` by the chain alone.
    unsafe extern "C" fn notifier_call(
        block: *mut notifier_block,
        action: c_ulong,
        data: *mut c_void,
    ) -> c_int {
        // SAFETY: `block` is the field of a `Self` that is pinned and initialised but perhaps for
        // the block itself, and that lives until the block is off the chain.
        let subscriber = unsafe {
            let this = container_of!(Opaque::cast_from(block), Self, block);
            &(*this).subscriber
        };

        // SAFETY: By the function's contract.
        unsafe { E::deliver(action, data, |data| subscriber.notify(data)) }.into_raw()
    }
}

impl<E: Event, S: Subscriber<E>> Registration<E, S>
where
    E::Backend: UniquePriority,
{
    /// Puts `subscriber` on `chain`, unless another has this priority: that is `EBUSY`.
    ///
    /// A later [`new`](Self::new) can still take the same priority: it does not look whether this
    /// one wants to be alone. Equivalent to `atomic_notifier_chain_register_unique_prio()` and so
    /// on.
    pub fn with_unique_priority<Fail>(
        chain: Arc<Chain<E>>,
        priority: i32,
        subscriber: impl PinInit<S, Fail>,
    ) -> impl PinInit<Self, Error>
    where
        Error: From<Fail>,
    {
        /// Puts a block on a chain, unless one with its priority is there.
        ///
        /// # Safety
        ///
        /// As for [`Source::register`].
        unsafe fn register<E: Event>(chain: &Arc<Chain<E>>, block: *mut notifier_block) -> Result
        where
            E::Backend: UniquePriority,
        {
            // SAFETY: The head is initialised; the rest is the function's contract.
            unsafe { E::Backend::register_unique_prio(chain.as_raw(), chain.owners_lock(), block) }
        }

        // SAFETY: `register` puts the block on the chain.
        unsafe { Self::registered_by(register::<E>, chain, priority, subscriber) }
    }
}

impl<E: Source, S: Subscriber<E>> Deref for Registration<E, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.subscriber
    }
}

#[pinned_drop]
impl<E: Source, S: Subscriber<E>> PinnedDrop for Registration<E, S> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the block is on the chain.
        unsafe { E::unregister(&self.chain, self.block.get()) };
    }
}
