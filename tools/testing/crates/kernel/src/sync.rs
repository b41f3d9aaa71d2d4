// SPDX-License-Identifier: GPL-2.0

//! Shared values and locks.

use core::{
    fmt,
    marker::Unsize,
    ops::{
        CoerceUnsized,
        Deref, //
    }, //
};
use std::sync::MutexGuard;

use crate::{
    alloc::{
        allocate,
        AllocError,
        Flags, //
    },
    error::{
        Error,
        Result, //
    },
    macros::PinInit, //
};

/// Counts references.
pub struct Arc<T: ?Sized>(std::sync::Arc<T>);

impl<T> Arc<T> {
    /// Allocates a value.
    pub fn new(value: T, _: Flags) -> Result<Self, AllocError> {
        allocate()?;
        Ok(Self(std::sync::Arc::new(value)))
    }

    /// Allocates what was made.
    pub fn pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self>
    where
        Error: From<E>,
    {
        Ok(Self::new(init.made()?, flags)?)
    }
}

impl<T: ?Sized> Arc<T> {
    /// Tells whether both are of the same value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&this.0, &other.0)
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: ?Sized + Unsize<U>, U: ?Sized> CoerceUnsized<Arc<U>> for Arc<T> {}

/// Locks a value.
pub struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    /// Holds a value that is not locked.
    pub fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    /// Waits for the lock. A test that panicked with it has failed already.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Stands for a condition that is waited for. Tests have one writer, which never waits.
pub struct CondVar;

impl CondVar {
    /// Tells of a signal.
    pub fn wait_interruptible<T>(&self, _: &mut MutexGuard<'_, T>) -> bool {
        true
    }

    /// Wakes nobody.
    pub fn notify_all(&self) {}
}

pub mod atomic {
    //! Atomic variables.

    use core::{
        cell::UnsafeCell,
        sync::atomic::{
            AtomicBool,
            AtomicU64,
            Ordering, //
        }, //
    };

    pub struct Relaxed;

    /// Holds a number that is changed atomically.
    ///
    /// `new` is one function for all types, and can be called by the compiler, as in the kernel.
    pub struct Atomic<T>(UnsafeCell<T>);

    // SAFETY: It is accessed by the operations of `core`'s atomic types alone.
    unsafe impl<T: Send> Sync for Atomic<T> {}

    impl<T> Atomic<T> {
        pub const fn new(value: T) -> Self {
            Self(UnsafeCell::new(value))
        }
    }

    impl Atomic<u64> {
        fn atomic(&self) -> &AtomicU64 {
            // SAFETY: It is aligned, lives as long as the reference, and is accessed atomically.
            unsafe { AtomicU64::from_ptr(self.0.get()) }
        }

        pub fn load(&self, _: Relaxed) -> u64 {
            self.atomic().load(Ordering::Relaxed)
        }

        pub fn store(&self, value: u64, _: Relaxed) {
            self.atomic().store(value, Ordering::Relaxed);
        }

        pub fn fetch_sub(&self, value: u64, _: Relaxed) -> u64 {
            self.atomic().fetch_sub(value, Ordering::Relaxed)
        }

        pub fn cmpxchg(&self, old: u64, new: u64, _: Relaxed) -> Result<u64, u64> {
            self.atomic()
                .compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed)
        }
    }

    impl Atomic<bool> {
        fn atomic(&self) -> &AtomicBool {
            // SAFETY: As above.
            unsafe { AtomicBool::from_ptr(self.0.get()) }
        }

        pub fn load(&self, _: Relaxed) -> bool {
            self.atomic().load(Ordering::Relaxed)
        }

        pub fn store(&self, value: bool, _: Relaxed) {
            self.atomic().store(value, Ordering::Relaxed);
        }
    }
}
