// SPDX-License-Identifier: GPL-2.0

//! Chains of one's own.
//!
//! C knows a chain's data as a `void *`. What a [`Chain`] passes there is a [`Call`], which begins
//! with the event's data: subscribers in C read that, and those in Rust count themselves in what
//! follows.

use core::cell::Cell;

use kernel::{
    prelude::*,
    types::Opaque, //
};

use super::{
    Backend,
    Called,
    Notify,
    Robust, //
};
use crate::sync::LockClass;

/// Describes what a chain tells its subscribers, and which kind of chain does.
pub trait Event: Sized + 'static {
    /// Chooses the kind of chain: [`Atomic`](super::Atomic), [`Blocking`](super::Blocking),
    /// [`Srcu`](super::Srcu) or [`Raw`](super::Raw).
    type Backend: Backend;

    /// Holds what happened, and to whom.
    ///
    /// Subscribers in C get a pointer to it as `data`: for them it should be `#[repr(C)]`, and they
    /// must not write to it.
    type Data<'a>;

    /// Returns the number by which subscribers in C tell events apart: `action` of `notifier_fn_t`.
    fn action(data: &Self::Data<'_>) -> usize;

    /// Tells whether a subscriber may object to the event, or keep it from those behind it.
    ///
    /// If not, [`Notify::Stop`] and [`Notify::Bad`] count as [`Notify::Ok`]. What a subscriber
    /// in C answers counts as it is: the kernel calls it without asking this crate.
    fn may_stop(_data: &Self::Data<'_>) -> bool {
        true
    }
}

/// Tells its subscribers of events: the head of a chain, and the lock that its kind asks for.
///
/// Made by [`new_chain!`](crate::new_chain).
///
/// # Invariants
///
/// The head is initialised, and all blocks on it expect a `Call<E>`, or in C an `E::Data`.
#[pin_data(PinnedDrop)]
pub struct Chain<E: Event> {
    #[pin]
    lock: <E::Backend as Backend>::Lock,
    #[pin]
    head: Opaque<<E::Backend as Backend>::Head>,
}

// SAFETY: By the contract of `Backend` the head may be used by anyone, and the lock is `Send`.
unsafe impl<E: Event> Send for Chain<E> {}

// SAFETY: By the contract of `Backend` the head may be used by anyone at any time, and the lock is
// `Sync`. Subscribers are `Send` and `Sync`.
unsafe impl<E: Event> Sync for Chain<E> {}

/// Holds what a call of a chain passes on.
///
/// Subscribers in C see its first field alone.
#[repr(C)]
pub(super) struct Call<'a, E: Event> {
    up: E::Data<'a>,
    down: Option<(usize, E::Data<'a>)>,
    calls: Cell<usize>,
    rolled_back: Cell<usize>,
}

impl<'a, E: Event> Call<'a, E> {
    /// Makes a call that tells `up`, and if it is a robust one, `down` with its action for the
    /// roll-back.
    pub(super) fn new(up: E::Data<'a>, down: Option<(usize, E::Data<'a>)>) -> Self {
        Self {
            up,
            down,
            calls: Cell::new(0),
            rolled_back: Cell::new(0),
        }
    }

    /// Lets `call` call the blocks of a chain of `E` with the pointer that they expect.
    pub(super) fn make(self, call: impl FnOnce(*mut c_void) -> c_int) -> Called {
        let raw = call((&raw const self).cast_mut().cast());

        Called::new(raw, self.calls.get(), self.rolled_back.get())
    }

    /// Has `notify` tell a subscriber what it is called for, and returns the answer that counts.
    ///
    /// # Safety
    ///
    /// `call` must be what [`make`](Self::make) passed for the blocks of a chain of `E`, which is
    /// being called with `action`.
    pub(super) unsafe fn deliver(
        call: *mut c_void,
        action: usize,
        notify: impl FnOnce(&E::Data<'a>) -> Notify,
    ) -> Notify {
        // SAFETY: By the function's contract it is a pointer to a `Self`, which `make` keeps until
        // the call of the chain ends. It is shared alone.
        let call = unsafe { &*call.cast::<Self>() };
        let data = call.count(action);
        let answer = notify(data);

        if E::may_stop(data) {
            answer
        } else {
            answer.filter_veto(false)
        }
    }

    /// Counts a subscriber that is being called, and returns what it is called for.
    fn count(&self, action: usize) -> &E::Data<'a> {
        let (counter, data) = match &self.down {
            Some((down, data)) if action == *down => (&self.rolled_back, data),
            _ => (&self.calls, &self.up),
        };

        counter.set(counter.get().wrapping_add(1));
        data
    }
}

impl<E: Event> Chain<E> {
    /// Makes a chain without subscribers; [`new_chain!`](crate::new_chain) supplies `class` for
    /// lockdep.
    ///
    /// `lock` is `()`, but for a [raw](super::Raw) chain. Only an SRCU chain can fail, with
    /// `ENOMEM`. May sleep.
    pub fn new<Fail>(
        lock: impl PinInit<<E::Backend as Backend>::Lock, Fail>,
        class: &'static LockClass,
    ) -> impl PinInit<Self, Error>
    where
        Error: From<Fail>,
    {
        // INVARIANT: The head is initialised below, with no blocks on it.
        try_pin_init!(Self {
            lock <- lock,
            head <- Opaque::try_ffi_init(|head| {
                // SAFETY: `head` is valid for writes, and pinned until `drop` cleans it up. By the
                // invariant of `LockClass` name and key are in a static.
                unsafe { E::Backend::init(head, class.name().as_char_ptr(), class.key().as_ptr()) }
            }),
        }? Error)
    }

    /// Tells all subscribers of an event, until one stops the chain.
    ///
    /// Equivalent to `atomic_notifier_call_chain()` and so on. The [module](super) says for each
    /// kind of chain whether this sleeps.
    pub fn call(&self, data: E::Data<'_>) -> Called {
        let action = E::action(&data);

        Call::<E>::new(data, None).make(|data| {
            // SAFETY: The head is initialised, and `data` is what its blocks expect, by the type
            // invariant.
            unsafe { E::Backend::call(self.as_raw(), &self.lock, action, data) }
        })
    }

    /// Tells all subscribers of `up`, and rolls back with `down` if one stops the chain.
    ///
    /// The roll-back tells those that were told before that one, highest priority first again.
    ///
    /// Equivalent to `blocking_notifier_call_chain_robust()` and so on, which has two surprises:
    /// [`Notify::Stop`](super::Notify::Stop) is a reason to roll back as much as an error is, and a
    /// subscriber that stops the chain on hearing of `down` ends the roll-back. The actions of `up`
    /// and `down` must differ, or both are taken for `down`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     prelude::*,
    ///     sync::Arc, //
    /// };
    /// use kernel_ext::{
    ///     new_chain,
    ///     notifier::{
    ///         Blocking,
    ///         Chain,
    ///         Event,
    ///         Notify,
    ///         Registration,
    ///         Subscriber, //
    ///     }, //
    /// };
    ///
    /// /// A disk is about to be taken out, or stays after all.
    /// #[derive(Clone, Copy)]
    /// enum Eject {
    ///     Prepare = 1,
    ///     Cancel,
    /// }
    ///
    /// impl Event for Eject {
    ///     type Backend = Blocking;
    ///     type Data<'a> = Self;
    ///
    ///     fn action(eject: &Self) -> usize {
    ///         *eject as usize
    ///     }
    /// }
    ///
    /// struct Cache;
    ///
    /// impl Subscriber<Eject> for Cache {
    ///     fn notify(&self, _eject: &Eject) -> Notify {
    ///         Notify::Ok
    ///     }
    /// }
    ///
    /// struct Writer;
    ///
    /// impl Subscriber<Eject> for Writer {
    ///     fn notify(&self, _eject: &Eject) -> Notify {
    ///         Notify::Bad(EBUSY)
    ///     }
    /// }
    ///
    /// let chain: Arc<Chain<Eject>> = Arc::pin_init(new_chain!(), GFP_KERNEL)?;
    /// let cache = Registration::<Eject, _>::new(chain.clone(), 1, Cache);
    /// let _cache = KBox::pin_init(cache, GFP_KERNEL)?;
    /// let writer = Registration::<Eject, _>::new(chain.clone(), 0, Writer);
    /// let _writer = KBox::pin_init(writer, GFP_KERNEL)?;
    ///
    /// let called = chain.call_robust(Eject::Prepare, Eject::Cancel);
    /// assert_eq!(called.to_result(), Err(EBUSY));
    /// assert_eq!((called.calls(), called.rolled_back()), (2, 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn call_robust<'a>(&self, up: E::Data<'a>, down: E::Data<'a>) -> Called
    where
        E::Backend: Robust,
    {
        let (action, undo) = (E::action(&up), E::action(&down));

        Call::<E>::new(up, Some((undo, down))).make(|data| {
            // SAFETY: As in `call`.
            unsafe { E::Backend::call_robust(self.as_raw(), &self.lock, action, undo, data) }
        })
    }

    /// Returns the head, for subscribers in C.
    ///
    /// They get the event's [action](Event::action) and a pointer to its [data](Event::Data). They
    /// must be gone before the chain is, and must not call it.
    pub fn as_raw(&self) -> *mut <E::Backend as Backend>::Head {
        self.head.get()
    }

    /// Returns what the owner supplied to keep the chain still.
    pub(super) fn owners_lock(&self) -> &<E::Backend as Backend>::Lock {
        &self.lock
    }
}

#[pinned_drop]
impl<E: Event> PinnedDrop for Chain<E> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: The head is initialised by the type invariant. Each registration holds the
        // chain, so there is none, and the head is not used again.
        unsafe { E::Backend::cleanup(self.as_raw()) };
    }
}

/// Makes a chain's name of the place where it is made, which must end in a NUL.
///
/// The `optional_name!` of the `kernel` crate takes names of the user's for its own.
#[doc(hidden)]
pub const fn chain_name(place: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(place.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a path holds no NUL"),
    }
}

/// Makes the initialiser of a [`Chain`](crate::notifier::Chain), with a lock class of its own.
///
/// A [raw](crate::notifier::Raw) chain takes the initialiser of its lock, such as
/// `new_mutex!(state)`.
#[macro_export]
macro_rules! new_chain {
    () => {
        $crate::new_chain!(())
    };
    ($lock:expr) => {
        $crate::notifier::Chain::new($lock, {
            static __CLASS: $crate::sync::LockClass =
                // SAFETY: It initialises a static.
                unsafe {
                    $crate::sync::LockClass::new($crate::notifier::chain_name(
                        $crate::__core::concat!(
                            $crate::__core::file!(),
                            ":",
                            $crate::__core::line!(),
                            "\0"
                        ),
                    ))
                };

            &__CLASS
        })
    };
}
