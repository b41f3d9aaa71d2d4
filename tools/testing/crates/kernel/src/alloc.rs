// SPDX-License-Identifier: GPL-2.0

//! Memory that can be made to run short.
//!
//! What allocates in the kernel calls [`allocate`] here, which fails when it was told to.

use core::{
    cell::Cell,
    fmt,
    ops::{
        Deref,
        DerefMut, //
    },
    pin::Pin, //
};

use crate::{
    error::Result,
    macros::PinInit, //
};

thread_local! {
    /// How many allocations succeed before one fails; `None` if none fails.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Says that there was no memory.
#[derive(Debug)]
pub struct AllocError;

/// Says how to allocate, which makes no difference here.
#[derive(Clone, Copy)]
pub struct Flags(());

pub const GFP_KERNEL: Flags = Flags(());
pub const GFP_KERNEL_ACCOUNT: Flags = Flags(());

/// Calls `f`, in which `nth` allocations of this thread succeed and then one fails. Returns what
/// `f` returns, and whether it came so far.
pub fn short<T>(nth: usize, f: impl FnOnce() -> T) -> (T, bool) {
    LEFT.set(Some(nth));
    let result = f();
    (result, LEFT.take().is_none())
}

/// Fails if it is time for an allocation to fail.
pub fn allocate() -> Result<(), AllocError> {
    match LEFT.get() {
        Some(0) => {
            LEFT.set(None);
            Err(AllocError)
        }
        left => {
            LEFT.set(left.map(|left| left - 1));
            Ok(())
        }
    }
}

/// Owns a value.
pub struct KBox<T>(Box<T>);

impl<T> KBox<T> {
    /// Allocates what was made.
    pub fn pin_init<E>(init: impl PinInit<T, E>, _: Flags) -> Result<Pin<Self>>
    where
        crate::error::Error: From<E>,
    {
        let value = init.made()?;
        allocate()?;
        // SAFETY: The value stays in its box, out of which nobody takes it.
        Ok(unsafe { Pin::new_unchecked(Self(Box::new(value))) })
    }
}

impl<T> Deref for KBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Owns a row of values, and grows when it has to.
pub struct KVec<T>(Vec<T>);

/// Is the same here.
pub type KVVec<T> = KVec<T>;

impl<T> KVec<T> {
    /// Allocates nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Allocates room for so many.
    pub fn with_capacity(capacity: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut vec = Self::new();
        vec.reserve(capacity, flags)?;
        Ok(vec)
    }

    /// Allocates room for so many more, unless there is some.
    pub fn reserve(&mut self, additional: usize, _: Flags) -> Result<(), AllocError> {
        if self.0.capacity() - self.0.len() < additional {
            allocate()?;
            self.0.reserve_exact(additional);
        }
        Ok(())
    }

    /// Appends a value.
    pub fn push(&mut self, value: T, flags: Flags) -> Result<(), AllocError> {
        self.reserve(1, flags)?;
        self.0.push(value);
        Ok(())
    }

    /// Inserts a value if there is room.
    pub fn insert_within_capacity(&mut self, index: usize, value: T) -> Result<(), T> {
        if index > self.0.len() || self.0.capacity() == self.0.len() {
            return Err(value);
        }
        self.0.insert(index, value);
        Ok(())
    }

    /// Takes a value out, if there is one.
    pub fn remove(&mut self, index: usize) -> Result<T, AllocError> {
        if index < self.0.len() {
            Ok(self.0.remove(index))
        } else {
            Err(AllocError)
        }
    }

    /// Keeps those for which `f` returns `true`.
    pub fn retain(&mut self, f: impl FnMut(&mut T) -> bool) {
        self.0.retain_mut(f);
    }

    /// Takes all out.
    pub fn drain_all(&mut self) -> impl Iterator<Item = T> + '_ {
        self.0.drain(..)
    }
}

impl<T: Clone> KVec<T> {
    /// Appends copies.
    pub fn extend_from_slice(&mut self, other: &[T], flags: Flags) -> Result<(), AllocError> {
        self.reserve(other.len(), flags)?;
        self.0.extend_from_slice(other);
        Ok(())
    }

    /// Allocates so many copies.
    pub fn from_elem(value: T, n: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut vec = Self::with_capacity(n, flags)?;
        vec.0.resize(n, value);
        Ok(vec)
    }
}

impl<T> Default for KVec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for KVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for KVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> IntoIterator for KVec<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a KVec<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for KVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
