// SPDX-License-Identifier: GPL-2.0

//! What a CPU does to its own copy of a variable.
//!
//! On x86-64 each operation is one instruction, but for [`xchg`](PerCpu::xchg). Where this says "any
//! context" it is for all flavours; what may come into an operation's middle is for the flavour to say.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)

use super::PerCpu;
use crate::percpu::ops::{
    Flavour,
    PerCpuInt,
    PerCpuValue,
    Storage, //
};

impl<T: PerCpuValue, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// Reads this CPU's copy: `this_cpu_read()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_read")]
    #[inline(always)]
    pub fn read(&self) -> T {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::load::<T, F, OFFSET>(self.var()) }
    }

    /// Writes this CPU's copy: `this_cpu_write()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_write")]
    #[inline(always)]
    pub fn write(&self, value: T) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::store::<T, F, OFFSET>(self.var(), value) }
    }

    /// Writes `new` to this CPU's copy if it is `old`, and returns what was there:
    /// `this_cpu_cmpxchg()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_cmpxchg")]
    #[inline(always)]
    pub fn cmpxchg(&self, old: T, new: T) -> T {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::cmpxchg::<T, F, OFFSET>(self.var(), old, new) }
    }

    /// Writes `new` to this CPU's copy if it is `old`; if not, puts what was there into `old` and
    /// returns false: `this_cpu_try_cmpxchg()`.
    ///
    /// Any context.
    #[doc(alias = "this_cpu_try_cmpxchg")]
    #[inline(always)]
    pub fn try_cmpxchg(&self, old: &mut T, new: T) -> bool {
        let found = self.cmpxchg(*old, new);
        let swapped = found == *old;

        *old = found;
        swapped
    }

    /// Writes `new` to this CPU's copy and returns what was there: `this_cpu_xchg()`.
    ///
    /// This is more than one instruction: on x86-64 a load and a `cmpxchg`, which are repeated if an
    /// interrupt came between them. [`pinned`](Self::pinned) and [`raw`](Self::raw) variables load and
    /// store. Any context.
    #[doc(alias = "this_cpu_xchg")]
    #[inline(always)]
    pub fn xchg(&self, new: T) -> T {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::xchg::<T, F, OFFSET>(self.var(), new) }
    }
}

impl<T: PerCpuInt, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// Adds one to this CPU's copy: `this_cpu_inc()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_inc")]
    #[inline(always)]
    pub fn inc(&self) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::inc::<T, F, OFFSET>(self.var()) }
    }

    /// Subtracts one from this CPU's copy: `this_cpu_dec()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_dec")]
    #[inline(always)]
    pub fn dec(&self) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::dec::<T, F, OFFSET>(self.var()) }
    }

    /// Adds `value` to this CPU's copy: `this_cpu_add()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_add")]
    #[inline(always)]
    pub fn add(&self, value: T) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::add::<T, F, OFFSET>(self.var(), value) }
    }

    /// Subtracts `value` from this CPU's copy: `this_cpu_sub()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_sub")]
    #[inline(always)]
    pub fn sub(&self, value: T) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::sub::<T, F, OFFSET>(self.var(), value) }
    }

    /// Keeps those bits of this CPU's copy that are set in `mask`: `this_cpu_and()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_and")]
    #[inline(always)]
    pub fn and(&self, mask: T) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::and::<T, F, OFFSET>(self.var(), mask) }
    }

    /// Sets those bits of this CPU's copy that are set in `mask`: `this_cpu_or()`.
    ///
    /// One instruction. Any context.
    #[doc(alias = "this_cpu_or")]
    #[inline(always)]
    pub fn or(&self, mask: T) {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::or::<T, F, OFFSET>(self.var(), mask) }
    }

    /// Adds `value` to this CPU's copy and returns the sum: `this_cpu_add_return()`.
    ///
    /// One instruction on memory. Any context.
    #[doc(alias = "this_cpu_add_return")]
    #[inline(always)]
    pub fn add_return(&self, value: T) -> T {
        // SAFETY: By the type invariant each CPU has a `T` there, accessed by single instructions alone.
        unsafe { P::add_return::<T, F, OFFSET>(self.var(), value) }
    }

    /// Subtracts `value` from this CPU's copy and returns the difference: `this_cpu_sub_return()`.
    ///
    /// One instruction on memory. Any context.
    #[doc(alias = "this_cpu_sub_return")]
    #[inline(always)]
    pub fn sub_return(&self, value: T) -> T {
        self.add_return(value.negated())
    }

    /// Adds one to this CPU's copy and returns the sum: `this_cpu_inc_return()`.
    ///
    /// One instruction on memory. Any context.
    #[doc(alias = "this_cpu_inc_return")]
    #[inline(always)]
    pub fn inc_return(&self) -> T {
        self.add_return(T::ONE)
    }

    /// Subtracts one from this CPU's copy and returns the difference: `this_cpu_dec_return()`.
    ///
    /// One instruction on memory. Any context.
    #[doc(alias = "this_cpu_dec_return")]
    #[inline(always)]
    pub fn dec_return(&self) -> T {
        self.sub_return(T::ONE)
    }
}
