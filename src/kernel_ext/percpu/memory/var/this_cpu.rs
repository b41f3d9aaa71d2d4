// SPDX-License-Identifier: GPL-2.0

//! What a CPU does to its own copy: an instruction each.
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
    /// Reads this CPU's copy: `this_cpu_read()`. One instruction, any context.
    #[doc(alias = "this_cpu_read")]
    #[inline(always)]
    pub fn read(&self) -> T {
        // SAFETY: By the type invariant.
        unsafe { P::load::<T, F, OFFSET>(self.var()) }
    }

    /// Writes this CPU's copy: `this_cpu_write()`. One instruction, any context.
    #[doc(alias = "this_cpu_write")]
    #[inline(always)]
    pub fn write(&self, value: T) {
        // SAFETY: By the type invariant.
        unsafe { P::store::<T, F, OFFSET>(self.var(), value) }
    }

    /// Writes `new` to this CPU's copy if it is `old`, and returns what was there:
    /// `this_cpu_cmpxchg()`. One instruction, any context.
    #[doc(alias = "this_cpu_cmpxchg")]
    #[inline(always)]
    pub fn cmpxchg(&self, old: T, new: T) -> T {
        // SAFETY: By the type invariant.
        unsafe { P::cmpxchg::<T, F, OFFSET>(self.var(), old, new) }
    }

    /// Writes `new` to this CPU's copy if it is `old`; if not, puts what was there into `old` and
    /// returns false: `this_cpu_try_cmpxchg()`. Any context.
    #[doc(alias = "this_cpu_try_cmpxchg")]
    #[inline(always)]
    pub fn try_cmpxchg(&self, old: &mut T, new: T) -> bool {
        let found = self.cmpxchg(*old, new);
        let swapped = found == *old;

        *old = found;
        swapped
    }

    /// Writes `new` to a CPU's copy and returns what was there: `this_cpu_xchg()`. Any context.
    ///
    /// Not one instruction: on x86-64 a load and a `cmpxchg`, again if an interrupt came between
    /// them. [`pinned`](Self::pinned) and [`raw`](Self::raw) load and store.
    #[doc(alias = "this_cpu_xchg")]
    #[inline(always)]
    pub fn xchg(&self, new: T) -> T {
        // SAFETY: By the type invariant.
        unsafe { P::xchg::<T, F, OFFSET>(self.var(), new) }
    }
}

impl<T: PerCpuInt, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// Adds one to this CPU's copy: `this_cpu_inc()`. One instruction, any context.
    #[doc(alias = "this_cpu_inc")]
    #[inline(always)]
    pub fn inc(&self) {
        // SAFETY: By the type invariant.
        unsafe { P::inc::<T, F, OFFSET>(self.var()) }
    }

    /// Takes one from this CPU's copy: `this_cpu_dec()`. One instruction, any context.
    #[doc(alias = "this_cpu_dec")]
    #[inline(always)]
    pub fn dec(&self) {
        // SAFETY: By the type invariant.
        unsafe { P::dec::<T, F, OFFSET>(self.var()) }
    }

    /// Adds `value` to this CPU's copy: `this_cpu_add()`. One instruction, any context.
    #[doc(alias = "this_cpu_add")]
    #[inline(always)]
    pub fn add(&self, value: T) {
        // SAFETY: By the type invariant.
        unsafe { P::add::<T, F, OFFSET>(self.var(), value) }
    }

    /// Takes `value` from this CPU's copy: `this_cpu_sub()`. One instruction, any context.
    #[doc(alias = "this_cpu_sub")]
    #[inline(always)]
    pub fn sub(&self, value: T) {
        // SAFETY: By the type invariant.
        unsafe { P::sub::<T, F, OFFSET>(self.var(), value) }
    }

    /// Keeps those bits of this CPU's copy that are set in `mask`: `this_cpu_and()`. One
    /// instruction, any context.
    #[doc(alias = "this_cpu_and")]
    #[inline(always)]
    pub fn and(&self, mask: T) {
        // SAFETY: By the type invariant.
        unsafe { P::and::<T, F, OFFSET>(self.var(), mask) }
    }

    /// Sets those bits of this CPU's copy that are set in `mask`: `this_cpu_or()`. One
    /// instruction, any context.
    #[doc(alias = "this_cpu_or")]
    #[inline(always)]
    pub fn or(&self, mask: T) {
        // SAFETY: By the type invariant.
        unsafe { P::or::<T, F, OFFSET>(self.var(), mask) }
    }

    /// Adds `value` to a CPU's copy and returns the sum: `this_cpu_add_return()`. One instruction
    /// on memory, any context.
    #[doc(alias = "this_cpu_add_return")]
    #[inline(always)]
    pub fn add_return(&self, value: T) -> T {
        // SAFETY: By the type invariant.
        unsafe { P::add_return::<T, F, OFFSET>(self.var(), value) }
    }

    /// Takes `value` from a CPU's copy and returns the difference: `this_cpu_sub_return()`. One
    /// instruction on memory, any context.
    #[doc(alias = "this_cpu_sub_return")]
    #[inline(always)]
    pub fn sub_return(&self, value: T) -> T {
        self.add_return(value.negated())
    }

    /// Adds one to a CPU's copy and returns the sum: `this_cpu_inc_return()`. One instruction on
    /// memory, any context.
    #[doc(alias = "this_cpu_inc_return")]
    #[inline(always)]
    pub fn inc_return(&self) -> T {
        self.add_return(T::ONE)
    }

    /// Takes one from a CPU's copy and returns the difference: `this_cpu_dec_return()`. One
    /// instruction on memory, any context.
    #[doc(alias = "this_cpu_dec_return")]
    #[inline(always)]
    pub fn dec_return(&self) -> T {
        self.sub_return(T::ONE)
    }
}
