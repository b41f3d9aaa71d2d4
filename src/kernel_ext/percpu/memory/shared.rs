// SPDX-License-Identifier: GPL-2.0

//! An object for each CPU, to be shared.
//!
//! A [`PerCpu`](crate::percpu::PerCpu) is changed by single instructions, so it takes numbers. An
//! object that is more than that, such as a lock, a list or an atomic, is lent by reference. The
//! reference is shared: interrupts on the same CPU, and other CPUs, may have it at the same time.

use kernel::{
    alloc::Flags,
    prelude::*, //
};

use super::alloc::Memory;
use crate::{
    compat::raw_try_init,
    cpumask::{
        self,
        PossibleCpu, //
    },
    percpu::ops::Pinned, //
};

/// Owns an object for each possible CPU, allocated by `alloc_percpu()`.
///
/// Copies are lent as `&T` alone: an interrupt on the same CPU may look at the copy at any time, and
/// so may other CPUs. What changes in it needs a type that is safe to share, such as an atomic or
/// a lock. Dropping it drops all copies, those of CPUs that are offline too.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::atomic::{
///         Atomic,
///         Relaxed, //
///     }, //
/// };
/// use kernel_ext::percpu::{
///     get_cpu,
///     PerCpuShared, //
/// };
///
/// let last = PerCpuShared::new(GFP_KERNEL, |cpu| Ok(Atomic::new(cpu.as_u32())))?;
///
/// let pin = get_cpu();
/// assert_eq!(last.get(&pin).load(Relaxed), pin.cpu().as_u32());
/// # drop(pin);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The copy of each possible CPU is initialised.
pub struct PerCpuShared<T>(Memory<T>);

// SAFETY: The copies go where the owner goes, and are dropped there.
unsafe impl<T: Send> Send for PerCpuShared<T> {}

// SAFETY: A shared reference gives access to `&T`.
unsafe impl<T: Sync> Sync for PerCpuShared<T> {}

impl<T: Sync> PerCpuShared<T> {
    /// Allocates a copy for each possible CPU, and lets `init` make it.
    ///
    /// `init` runs here, for one CPU after another, before anybody can see a copy. May sleep if
    /// `flags` lets it. Fails with the first error of `init`, after dropping what it made, and as
    /// [all allocations](crate::percpu#errors) do.
    pub fn new(flags: Flags, init: impl FnMut(PossibleCpu) -> Result<T>) -> Result<Self> {
        Self::pin_init(flags, init)
    }

    /// Allocates a copy for each possible CPU, and runs the initialiser that `init` returns on it.
    ///
    /// This is [`new`](Self::new) for what must be made where it stays, such as a lock. Copies never
    /// move.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     new_spinlock,
    ///     prelude::*, //
    /// };
    /// use kernel_ext::{
    ///     cpumask,
    ///     percpu::PerCpuShared, //
    /// };
    ///
    /// let queues = PerCpuShared::pin_init(GFP_KERNEL, |_cpu| new_spinlock!(0u32))?;
    ///
    /// for cpu in cpumask::possible().iter() {
    ///     *queues.get_remote(cpu).lock() += 1;
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pin_init<I, E>(flags: Flags, mut init: impl FnMut(PossibleCpu) -> I) -> Result<Self>
    where
        I: PinInit<T, E>,
        Error: From<E>,
    {
        let memory = Memory::<T>::single(flags)?;

        for cpu in cpumask::possible().iter() {
            // SAFETY: `raw_try_init` asks for memory that is valid for writes, and that stays pinned until
            // the value is dropped. The memory was just allocated and has room for a `T`. It stays
            // where it is until `drop`. If this fails it is freed without a look at what is there.
            if let Err(error) = unsafe { raw_try_init(memory.copy(cpu), init(cpu)) } {
                for made in cpumask::possible().iter().take_while(|made| *made != cpu) {
                    // SAFETY: The copies of the CPUs before this one are initialised, and nobody
                    // has seen them.
                    unsafe { memory.copy(made).drop_in_place() };
                }
                return Err(error.into());
            }
        }

        // INVARIANT: All copies were just made.
        Ok(Self(memory))
    }

    /// Returns the copy of the CPU that this is: `this_cpu_ptr()`.
    ///
    /// Any context.
    pub fn get<'a>(&'a self, pin: &'a impl Pinned) -> &'a T {
        self.get_remote(pin.cpu())
    }

    /// Returns the copy of `cpu`: `per_cpu_ptr()`.
    ///
    /// Any context.
    pub fn get_remote(&self, cpu: PossibleCpu) -> &T {
        // SAFETY: By the type invariant the copy is initialised. This type lends no `&mut`, and the
        // copy lives as long as the owner, which is borrowed for as long as the result.
        unsafe { &*self.0.copy(cpu) }
    }
}

impl<T> PerCpuShared<T> {
    /// Returns the address of the copies in the per-CPU address space.
    pub(in crate::percpu) fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }
}

impl<T> Drop for PerCpuShared<T> {
    fn drop(&mut self) {
        for cpu in cpumask::possible().iter() {
            // SAFETY: By the type invariant the copy is initialised. References were borrowed from
            // `self`, so none is left, and `drop` runs once.
            unsafe { self.0.copy(cpu).drop_in_place() };
        }
    }
}
