// SPDX-License-Identifier: GPL-2.0

//! Notifier chains with typed events.
//!
//! C header: [`include/linux/notifier.h`](srctree/include/linux/notifier.h)
//!
//! A chain calls its subscribers, those of higher priority first, and among equals in the order
//! in which they subscribed. A [`BlockingChain`] does so in process context, and its subscribers
//! may sleep.

use core::marker::PhantomData;

use kernel::{
    bindings::{
        blocking_notifier_head,
        notifier_block, //
    },
    container_of,
    error::to_result,
    prelude::*,
    sync::Arc,
    types::Opaque, //
};

use crate::bindings;

/// What a chain tells its subscribers.
pub trait Event: 'static {
    /// What happened, and to whom.
    type Data<'a>;

    /// The number by which C subscribers tell events apart: `val` of `notifier_fn_t`.
    fn action(data: &Self::Data<'_>) -> usize;
}

/// What a subscriber answers.
pub enum Verdict {
    /// The event is none of its business: `NOTIFY_DONE`.
    Done,
    /// Taken note of: `NOTIFY_OK`.
    Ok,
    /// Taken note of, and nobody after it needs to hear: `NOTIFY_STOP`.
    Stop,
    /// It must not happen, and nobody after it hears of it: `notifier_from_errno()`.
    Bad(Error),
}

impl Verdict {
    // CAST: The constants are small; bindgen gives them an unsigned type.
    const DONE: c_int = bindings::NOTIFY_DONE as c_int;
    const OK: c_int = bindings::NOTIFY_OK as c_int;
    const STOP_MASK: c_int = bindings::NOTIFY_STOP_MASK as c_int;

    fn into_raw(self) -> c_int {
        match self {
            Self::Done => Self::DONE,
            Self::Ok => Self::OK,
            Self::Stop => Self::OK | Self::STOP_MASK,
            Self::Bad(error) => Self::STOP_MASK | (Self::OK - error.to_errno()),
        }
    }

    /// What a chain's return value means: `notifier_to_errno()`.
    fn to_result(raw: c_int) -> Result {
        let verdict = raw & !Self::STOP_MASK;
        to_result((Self::OK - verdict).min(0))
    }
}

/// Someone who wants to hear of events.
pub trait Subscriber<E: Event>: Send + Sync {
    /// Called once for each event, in process context. May sleep.
    ///
    /// Must not subscribe to the chain that calls, nor drop a subscription to it: the chain is
    /// locked meanwhile.
    fn notify(&self, data: &E::Data<'_>) -> Verdict;
}

impl<E: Event, S: Subscriber<E>> Subscriber<E> for Arc<S> {
    fn notify(&self, data: &E::Data<'_>) -> Verdict {
        S::notify(self, data)
    }
}

/// A chain whose subscribers may sleep: `struct blocking_notifier_head`.
///
/// # Invariants
///
/// The head is initialised, and all blocks on it belong to a live [`Subscription`] for `E`.
#[pin_data]
pub struct BlockingChain<E: Event> {
    #[pin]
    head: Opaque<blocking_notifier_head>,
    _event: PhantomData<fn(E)>,
}

// SAFETY: The head has its own lock, and subscribers are `Send + Sync`.
unsafe impl<E: Event> Send for BlockingChain<E> {}

// SAFETY: As above.
unsafe impl<E: Event> Sync for BlockingChain<E> {}

impl<E: Event> BlockingChain<E> {
    /// Makes a chain without subscribers.
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: The head is initialised below, with no blocks on it.
        pin_init!(Self {
            head <- Opaque::ffi_init(|head| {
                // SAFETY: `head` is valid for writes and stays where it is.
                unsafe { bindings::BLOCKING_INIT_NOTIFIER_HEAD(head) }
            }),
            _event: PhantomData,
        })
    }

    /// Tells all subscribers, until one stops the chain; fails with that one's error if it has
    /// one.
    ///
    /// Equivalent to `blocking_notifier_call_chain()`. May sleep.
    pub fn call(&self, data: &E::Data<'_>) -> Result {
        // SAFETY: The head is initialised by the type invariant. Its blocks' callbacks take the
        // pointer for a `&E::Data`, which it is, and do not keep it.
        Verdict::to_result(unsafe {
            bindings::blocking_notifier_call_chain(
                self.head.get(),
                E::action(data),
                core::ptr::from_ref(data).cast_mut().cast(),
            )
        })
    }
}

/// A subscriber on a chain. Dropping it unsubscribes, and waits for calls that are under way.
///
/// # Invariants
///
/// `block` is on `chain`, and stays there until it is dropped.
#[pin_data(PinnedDrop)]
pub struct Subscription<E: Event, S: Subscriber<E>> {
    #[pin]
    block: Opaque<notifier_block>,
    subscriber: S,
    chain: Arc<BlockingChain<E>>,
}

// SAFETY: The block is touched under the chain's lock alone, and subscribers are `Send`.
unsafe impl<E: Event, S: Subscriber<E>> Send for Subscription<E, S> {}

// SAFETY: A shared reference gives access to nothing but the subscriber, which is `Sync`.
unsafe impl<E: Event, S: Subscriber<E>> Sync for Subscription<E, S> {}

impl<E: Event, S: Subscriber<E>> Subscription<E, S> {
    /// Puts `subscriber` on `chain`. May sleep.
    ///
    /// Equivalent to `blocking_notifier_chain_register()`.
    pub fn new(
        chain: Arc<BlockingChain<E>>,
        priority: i32,
        subscriber: S,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            subscriber,
            chain,
            block <- Opaque::try_ffi_init(|block: *mut notifier_block| {
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
                // SAFETY: Both are initialised; the block is pinned, and `drop` takes it off the
                // chain before its memory goes.
                to_result(unsafe {
                    bindings::blocking_notifier_chain_register(chain.head.get(), block)
                })
            }),
        }? Error)
    }

    /// The `notifier_fn_t` of the block.
    ///
    /// # Safety
    ///
    /// To be called through `block` by a `BlockingChain<E>` alone.
    unsafe extern "C" fn notifier_call(
        block: *mut notifier_block,
        _action: c_ulong,
        data: *mut c_void,
    ) -> c_int {
        // SAFETY: `block` is the field of a `Self` that is pinned and initialised but perhaps for
        // the block itself, and that lives until the block is off the chain.
        let subscriber = unsafe {
            let this = container_of!(Opaque::cast_from(block), Self, block);
            &(*this).subscriber
        };
        // SAFETY: `BlockingChain::call` passes a `&E::Data` and keeps it valid meanwhile.
        let data = unsafe { &*data.cast::<E::Data<'_>>() };

        subscriber.notify(data).into_raw()
    }
}

#[pinned_drop]
impl<E: Event, S: Subscriber<E>> PinnedDrop for Subscription<E, S> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the block is on the chain, so this cannot fail. It waits
        // for calls that are under way.
        unsafe {
            bindings::blocking_notifier_chain_unregister(self.chain.head.get(), self.block.get())
        };
    }
}
