// SPDX-License-Identifier: GPL-2.0

//! Statics that are initialised when they are first used, lockdep's names of locks, loads by no call.
//!
//! C initialises a lock in a static when it is compiled, by `DEFINE_MUTEX()` and its like. Rust
//! cannot, as a lock must not move and lockdep wants an address that stays: so an [`OnceInit`] is
//! empty until somebody asks for its value, and goes through three states.
//!
//! ```text
//! EMPTY --get_or_init()--> BUSY --initialised--> READY, for ever
//!   ^                        |
//!   +-------- failed --------+
//! ```

mod lock_class;
mod read_once;

use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Release, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    types::Opaque, //
};

use crate::compat::raw_try_init;

pub(crate) use self::lock_class::named_mutex;
pub use self::{
    lock_class::LockClass,
    read_once::read_once, //
};

const EMPTY: u32 = 0;
const BUSY: u32 = 1;
const READY: u32 = 2;

/// Holds a value in a static, initialised in its place by whoever uses it first.
///
/// For what C initialises when it is compiled and Rust cannot, such as `DEFINE_MUTEX()`. Nobody
/// drops a static: what the value owns when its module goes is lost.
///
/// # Examples
///
/// ```
/// use kernel::{
///     new_mutex,
///     sync::Mutex, //
/// };
/// use kernel_ext::sync::OnceInit;
///
/// static TICKETS: OnceInit<Mutex<u64>> = OnceInit::new();
///
/// fn ticket() -> Result<u64> {
///     let mut last = TICKETS.get_or_init(|| new_mutex!(0))?.lock();
///     *last += 1;
///     Ok(*last)
/// }
///
/// assert!(TICKETS.get().is_none());
/// assert_eq!(ticket(), Ok(1));
/// assert_eq!(ticket(), Ok(2));
/// assert!(TICKETS.get().is_some());
/// # static LATE: OnceInit<u32> = OnceInit::new();
/// # assert_eq!(LATE.get_or_init(|| Err(ENODEV)), Err(ENODEV));
/// # assert!(LATE.get().is_none());
/// # assert_eq!(LATE.get_or_init(|| Ok::<_, Error>(7)), Ok(&7));
/// # assert_eq!(LATE.get_or_init(|| Err(ENODEV)), Ok(&7));
/// ```
///
/// # Invariants
///
/// - While `state` is `BUSY`, whoever made it so has `value` alone.
/// - Once it is `READY` it stays so, and `value` is initialised.
pub struct OnceInit<T> {
    state: Atomic<u32>,
    value: Opaque<T>,
}

// SAFETY: `state` says who may access the value, which is made by one thread and shared by others.
unsafe impl<T: Send + Sync> Sync for OnceInit<T> {}

impl<T> OnceInit<T> {
    /// Makes a static whose value is not there yet.
    #[expect(clippy::new_without_default)] // It is for statics.
    pub const fn new() -> Self {
        // INVARIANT: Nobody has the value.
        Self {
            state: Atomic::new(EMPTY),
            value: Opaque::uninit(),
        }
    }

    /// Returns the value, if it is there.
    ///
    /// Any context.
    pub fn get(&'static self) -> Option<&'static T> {
        // ORDERING: Acquire, so that what initialised the value before the Release of `READY` is
        // seen.
        // SAFETY: By the type invariant it is initialised.
        (self.state.load(Acquire) == READY).then(|| unsafe { &*self.value.get() })
    }

    /// Returns the value, which `init` initialises if nobody has done so.
    ///
    /// Fails as `init` does; then the next caller tries.
    ///
    /// May sleep. `init` must not ask for the same value: it would wait for itself.
    pub fn get_or_init<I, E>(&'static self, init: impl FnOnce() -> I) -> Result<&'static T>
    where
        I: PinInit<T, E>,
        Error: From<E>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }

        // INVARIANT: Whoever succeeds has the value alone.
        // ORDERING: Acquire, so that this comes after what a caller that failed wrote to the value.
        while self.state.cmpxchg(EMPTY, BUSY, Acquire).is_err() {
            if let Some(value) = self.get() {
                return Ok(value);
            }
            fsleep(Delta::from_millis(1));
        }

        // SAFETY: By the type invariant the value is ours. It stays where it is, as a reference to
        // it lives forever.
        let done = unsafe { raw_try_init(self.value.get(), init()) };
        // INVARIANT: The value is initialised, or left to whoever comes next.
        // ORDERING: Release, for the two above: what was written to the value comes first.
        self.state
            .store(if done.is_ok() { READY } else { EMPTY }, Release);
        done?;

        // SAFETY: It was just initialised.
        Ok(unsafe { &*self.value.get() })
    }
}
