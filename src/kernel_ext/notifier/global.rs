// SPDX-License-Identifier: GPL-2.0

//! Chains in static variables, for others to find.

use kernel::{
    bindings::notifier_block,
    error::from_result,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

use super::{
    Backend,
    Blocking,
    Chain,
    Event,
    Notify,
    Source, //
};
use crate::sync::{
    LockClass,
    OnceInit, //
};

/// Holds a chain in a static variable: `BLOCKING_NOTIFIER_HEAD()`.
///
/// The chain gets ready when it is first used, so subscribers may come before whoever calls it.
/// They subscribe to it as to a chain of the kernel's, and
/// [`export_notifier_chain!`](crate::export_notifier_chain) lets C do so.
///
/// Made by [`global_chain!`](crate::global_chain).
///
/// # Examples
///
/// ```
/// use kernel_ext::{
///     global_chain,
///     notifier::{
///         Blocking,
///         Event,
///         GlobalChain,
///         Notify,
///         Registration,
///         Subscriber, //
///     }, //
/// };
///
/// /// A temperature, in degrees.
/// struct Temperature;
///
/// impl Event for Temperature {
///     type Backend = Blocking;
///     type Data<'a> = i32;
///
///     fn action(_degrees: &i32) -> usize {
///         1
///     }
/// }
///
/// global_chain! {
///     static CHAIN: GlobalChain<Temperature> = c"temperature";
/// }
///
/// struct Alarm;
///
/// impl Subscriber<GlobalChain<Temperature>> for Alarm {
///     fn notify(&self, degrees: &i32) -> Notify {
///         if *degrees > 100 {
///             Notify::Bad(ERANGE)
///         } else {
///             Notify::Ok
///         }
///     }
/// }
///
/// assert_eq!(CHAIN.get()?.call(200).to_result(), Ok(()));
///
/// let alarm = KBox::pin_init(Registration::new(&CHAIN, 0, Alarm), GFP_KERNEL)?;
/// assert_eq!(CHAIN.get()?.call(50).to_result(), Ok(()));
/// assert_eq!(CHAIN.get()?.call(200).to_result(), Err(ERANGE));
/// assert_eq!(CHAIN.subscribers(), 1);
/// # drop(alarm);
/// # Ok::<(), Error>(())
/// ```
pub struct GlobalChain<E: Event<Backend = Blocking>> {
    chain: OnceInit<Chain<E>>,
    class: LockClass,
    subscribers: Atomic<u64>,
}

impl<E: Event<Backend = Blocking>> GlobalChain<E> {
    /// Makes a chain without subscribers.
    ///
    /// `name` is for lockdep.
    ///
    /// # Safety
    ///
    /// The result must initialise a static: a `&'static self` alone, which a leaked box gives too,
    /// does not say that lockdep knows the memory.
    #[doc(hidden)]
    pub const unsafe fn new(name: &'static CStr) -> Self {
        Self {
            chain: OnceInit::new(),
            // SAFETY: By the function's contract it is part of a static.
            class: unsafe { LockClass::new(name) },
            subscribers: Atomic::new(0),
        }
    }

    /// Returns the chain, which the first call initialises.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub fn get(&'static self) -> Result<&'static Chain<E>> {
        self.chain.get_or_init(|| Chain::new((), &self.class))
    }

    /// Returns how many subscribers are on the chain, those in C included.
    ///
    /// Any context.
    pub fn subscribers(&self) -> u64 {
        // ORDERING: Relaxed: the number stands for itself, and guards no other data.
        self.subscribers.load(Relaxed)
    }

    /// Puts a block on the chain, and counts it.
    ///
    /// # Safety
    ///
    /// As for [`Backend::register`], but that `block` may be on the chain: that is `EEXIST`.
    unsafe fn register(&'static self, block: *mut notifier_block) -> Result {
        // SAFETY: The head is initialised; the rest is the function's contract.
        unsafe { Blocking::register(self.get()?.as_raw(), &(), block) }?;

        // ORDERING: Relaxed, as for `subscribers`.
        self.subscribers.add(1, Relaxed);
        Ok(())
    }

    /// Counts a block out that is off the chain.
    fn unregistered(&self) {
        // Atomics have no `sub`, and wrap around: this subtracts one.
        // ORDERING: Relaxed, as for `subscribers`.
        self.subscribers.add(u64::MAX, Relaxed);
    }
}

// SAFETY: By the contract of `Backend`. `Chain` alone calls the blocks, always with a `Call<E>`.
unsafe impl<E: Event<Backend = Blocking>> Source for GlobalChain<E> {
    type Chain = &'static Self;
    type Data<'a> = E::Data<'a>;

    unsafe fn register(chain: &Self::Chain, block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        unsafe { chain.register(block) }
    }

    unsafe fn unregister(chain: &Self::Chain, block: *mut notifier_block) {
        // There is a chain, as the block is on it.
        let Some(head) = chain.chain.get().map(Chain::as_raw) else {
            return;
        };

        // SAFETY: By the function's contract.
        unsafe { Blocking::unregister(head, &(), block) };
        chain.unregistered();
    }

    unsafe fn deliver(
        action: usize,
        data: *mut c_void,
        notify: impl FnOnce(&Self::Data<'_>) -> Notify,
    ) -> Notify {
        // SAFETY: By the function's contract. The chain in the static is one of `E`'s.
        unsafe { <E as Source>::deliver(action, data, notify) }
    }
}

/// Defines a [`GlobalChain`](crate::notifier::GlobalChain): a static, with the name by which
/// lockdep knows its lock.
#[macro_export]
macro_rules! global_chain {
    ($(#[$attr:meta])* $vis:vis static $name:ident: GlobalChain<$event:ty> = $lock:literal;) => {
        $(#[$attr])*
        $vis static $name: $crate::notifier::GlobalChain<$event> =
            // SAFETY: It initialises a static.
            unsafe { $crate::notifier::GlobalChain::new($lock) };
    };
}

/// Defines two functions by which C subscribes to a [`GlobalChain`](crate::notifier::GlobalChain)
/// and unsubscribes: they take a `struct notifier_block *` and return 0 or an errno.
///
/// A header of the module must declare them, and say what callbacks get:
/// [`Event::action`](crate::notifier::Event::action) and a pointer to the
/// [`Event::Data`](crate::notifier::Event::Data), whose layout C must know as far as it reads it.
///
/// A block of C's must not have the highest priority, `INT_MAX`: that is `EINVAL`. It is left to
/// subscribers in Rust, who so hear of everything that [nobody may
/// stop](crate::notifier::Event::may_stop) before C can.
///
/// # Examples
///
/// ```ignore
/// export_notifier_chain! { CHAIN: register_temperature_notifier, unregister_temperature_notifier }
/// ```
#[macro_export]
macro_rules! export_notifier_chain {
    ($chain:path: $register:ident, $unregister:ident) => {
        /// Puts a block of C's on the chain.
        ///
        /// # Safety
        ///
        /// To be called by C alone, for a block that stays until it is off the chain.
        #[no_mangle]
        pub unsafe extern "C" fn $register(
            __block: *mut $crate::notifier::__export::notifier_block,
        ) -> $crate::__kernel::ffi::c_int {
            // In a safe function, which cannot name what only `unsafe` code may.
            fn __chain() -> impl $crate::notifier::__export::Exported {
                &$chain
            }

            // SAFETY: By the function's contract.
            unsafe { $crate::notifier::__export::Exported::register(__chain(), __block) }
        }

        /// Takes a block of C's off the chain, and waits for calls that are under way.
        ///
        /// # Safety
        ///
        /// To be called by C alone.
        #[no_mangle]
        pub unsafe extern "C" fn $unregister(
            __block: *mut $crate::notifier::__export::notifier_block,
        ) -> $crate::__kernel::ffi::c_int {
            fn __chain() -> impl $crate::notifier::__export::Exported {
                &$chain
            }

            // SAFETY: By the function's contract.
            unsafe { $crate::notifier::__export::Exported::unregister(__chain(), __block) }
        }
    };
}

/// Holds what [`export_notifier_chain!`](crate::export_notifier_chain) expands to.
#[doc(hidden)]
pub mod export {
    use super::*;

    pub use kernel::bindings::notifier_block;

    use kernel::error::to_result;

    use crate::bindings;

    /// Puts blocks of C's on a chain and takes them off.
    pub trait Exported {
        /// Puts `block` on the chain; fails with `-EEXIST` if it is there, and with `-EINVAL` if it
        /// wants to be among the first.
        ///
        /// # Safety
        ///
        /// `block` must be valid, stay where it is, and be left alone until it is off the chain.
        /// Its callback must take what the chain's event has for data.
        unsafe fn register(self, block: *mut notifier_block) -> c_int;

        /// Takes `block` off the chain; fails with `-ENOENT` if it is not there.
        ///
        /// # Safety
        ///
        /// `block` must be valid.
        unsafe fn unregister(self, block: *mut notifier_block) -> c_int;
    }

    impl<E: Event<Backend = Blocking>> Exported for &'static GlobalChain<E> {
        unsafe fn register(self, block: *mut notifier_block) -> c_int {
            from_result(|| {
                // SAFETY: By the function's contract.
                if unsafe { (*block).priority } == i32::MAX {
                    return Err(EINVAL);
                }

                // SAFETY: By the function's contract.
                unsafe { GlobalChain::register(self, block) }.map(|()| 0)
            })
        }

        unsafe fn unregister(self, block: *mut notifier_block) -> c_int {
            from_result(|| {
                let head = self.get()?.as_raw();

                // SAFETY: The head is initialised, and C looks whether the block is there.
                to_result(unsafe { bindings::blocking_notifier_chain_unregister(head, block) })?;
                self.unregistered();
                Ok(0)
            })
        }
    }
}
