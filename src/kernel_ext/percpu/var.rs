// SPDX-License-Identifier: GPL-2.0

//! A per-CPU variable, and what can be done to it.

use core::marker::PhantomData;

use super::{
    flavour::{
        Flavour,
        RawCpu,
        ThisCpu, //
    },
    pin::Pinned,
    place::{
        Allocated,
        Generic,
        Place, //
    },
    value::{
        PerCpuInt,
        PerCpuValue, //
    },
};
use crate::{
    bindings,
    cpu::CpusHeld,
    cpuhp::DeadCpu,
    cpumask::{
        self,
        PossibleCpu, //
    }, //
};

/// A per-CPU variable: all of its copies at once, one for each possible CPU.
///
/// `&PerCpu<T>` stands for `T __percpu *` of C. The type has no size. What counts is the address
/// of a reference, which lies in the per-CPU address space, where there is no memory before a
/// CPU's offset is added. A static variable has a `P` of its own that knows the address better, and
/// a field of a struct has an `OFFSET`.
///
/// `F` is the flavour of the operations. They are those that C calls `this_cpu_...()`, unless the
/// variable is taken as [`pinned`](Self::pinned) or [`raw`](Self::raw).
///
/// # Invariants
///
/// For each reference to a value: adding a possible CPU's offset, and `OFFSET`, to the address that
/// `P` tells gives that CPU's copy. It is an aligned and initialised `T`, which lives as long as
/// the reference. If `T` is a [`PerCpuValue`] it is changed, while there are references, only by its
/// own CPU's single instructions, or while its CPU is dead.
pub struct PerCpu<
    T,
    P: Place = Allocated,
    const OFFSET: usize = 0,
    F: Flavour = ThisCpu, //
> {
    _variable: PhantomData<fn() -> T>,
    _operations: PhantomData<fn() -> (P, F)>,
}

/// The copy of `cpu` of what is at `address` in the per-CPU address space: `per_cpu_ptr()`.
pub(super) fn per_cpu_ptr<T>(address: usize, cpu: PossibleCpu) -> *mut T {
    let offsets = (&raw const bindings::__per_cpu_offset).cast::<usize>();
    // CAST: Widening.
    // SAFETY: The CPU is possible by the invariant of `PossibleCpu`, so it has an element. C writes
    // it once, in `setup_per_cpu_areas()`, before there is another task or CPU. A function of
    // `early_param!` runs earlier and finds 0, with which `address` is that of the initial image:
    // the boot CPU works on that until then.
    let offset = unsafe { *offsets.add(cpu.as_u32() as usize) };

    core::ptr::with_exposed_provenance_mut(address.wrapping_add(offset))
}

impl<T> PerCpu<T> {
    /// Takes a per-CPU pointer.
    ///
    /// # Safety
    ///
    /// The type invariants must hold for a reference of lifetime `'a` to this address.
    pub(crate) unsafe fn from_raw<'a>(ptr: *const T) -> &'a Self {
        // SAFETY: A reference to a type of no size needs no memory, only an address that is not
        // null, which per-CPU pointers are not.
        unsafe { &*ptr.cast() }
    }
}

impl<T, P: Place, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// A variable that knows its place by itself.
    ///
    /// # Safety
    ///
    /// `P` must tell the same address whatever it is given, and the type invariants must hold for
    /// that address forever.
    #[doc(hidden)]
    pub const unsafe fn new() -> Self {
        Self {
            _variable: PhantomData,
            _operations: PhantomData,
        }
    }

    /// The same variable, with the operations that C calls `__this_cpu_add()` and so on, for a task
    /// that stays on its CPU.
    ///
    /// The pin is the proof of that, so there is no check when it runs: `CONFIG_DEBUG_PREEMPT`, which
    /// has C check each `__this_cpu_add()`, changes nothing here. A task that sleeps under a pin may
    /// find itself on another CPU, as with [`raw`](Self::raw), and the kernel complains of the sleep.
    ///
    /// What an interrupt does to the same copy in the middle of one may be lost.
    #[inline(always)]
    pub fn pinned<'a>(&'a self, _pin: &'a impl Pinned) -> &'a PerCpu<T, P, OFFSET, RawCpu> {
        self.raw()
    }

    /// The same variable, with the operations that C calls `raw_cpu_add()` and so on.
    ///
    /// What an interrupt does to the same copy in the middle of one may be lost, and what another
    /// task does if this one changes its CPU there. That is good enough for statistics that may
    /// be off.
    #[inline(always)]
    pub fn raw(&self) -> &PerCpu<T, P, OFFSET, RawCpu> {
        // INVARIANT: It is the same variable, at the same address.
        // SAFETY: A reference to a type of no size needs no memory.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }

    /// What `P` asks for: the address of this reference.
    #[inline(always)]
    pub(super) fn var(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// The copy of `cpu`.
    pub(super) fn per_cpu_ptr(&self, cpu: PossibleCpu) -> *mut T {
        per_cpu_ptr(P::address(self.var()).wrapping_add(OFFSET), cpu)
    }

    /// The same variable, reached by the operations of every architecture.
    #[doc(hidden)]
    pub fn as_generic(&self) -> &PerCpu<T, Generic> {
        // INVARIANT: It is the same variable, at the same address.
        // SAFETY: A reference to a type of no size needs no memory.
        unsafe { &*core::ptr::from_ref(self.as_allocated()).cast() }
    }

    /// The same variable, known by its address alone: to keep variables of several places in one
    /// list, at the cost of a register for the address.
    pub fn as_allocated(&self) -> &PerCpu<T> {
        let address = P::address(self.var()).wrapping_add(OFFSET);

        // INVARIANT: It is the same variable.
        // SAFETY: As in `from_raw`.
        unsafe { &*core::ptr::without_provenance(address) }
    }
}

impl<T, const N: usize, P: Place, const OFFSET: usize> PerCpu<[T; N], P, OFFSET> {
    /// The element at `index`, on all CPUs; `None` past the end. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel_ext::{
    ///     cpumask,
    ///     define_per_cpu, //
    /// };
    ///
    /// define_per_cpu! {
    ///     /// Widgets made, by colour.
    ///     static WIDGETS: [u64; 3] = [0; 3];
    /// }
    ///
    /// if let Some(green) = WIDGETS.get(1) {
    ///     green.inc();
    ///     assert_eq!(green.sum(cpumask::possible().iter()), 1);
    /// }
    /// assert!(WIDGETS.get(3).is_none());
    /// assert_eq!(WIDGETS.element::<1>().sum(cpumask::possible().iter()), 1);
    /// ```
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&PerCpu<T>> {
        if index >= N {
            return None;
        }

        // SAFETY: `index` is in bounds.
        Some(unsafe { self.get_unchecked(index) })
    }

    /// Returns all elements, as `each_ref()` of arrays does. Any context.
    pub fn each_ref(&self) -> [&PerCpu<T>; N] {
        core::array::from_fn(|index| {
            // SAFETY: `index` is in bounds.
            unsafe { self.get_unchecked(index) }
        })
    }

    /// The element at `INDEX`, on all CPUs. Past the end it does not compile. Any context.
    #[inline(always)]
    pub fn element<const INDEX: usize>(&self) -> &PerCpu<T> {
        const { assert!(INDEX < N, "the array ends before") };

        // SAFETY: `INDEX` is in bounds.
        unsafe { self.get_unchecked(INDEX) }
    }

    /// The element at `index`, on all CPUs.
    ///
    /// # Safety
    ///
    /// `index` must be in bounds.
    #[inline(always)]
    unsafe fn get_unchecked(&self, index: usize) -> &PerCpu<T> {
        let first: *const T = core::ptr::without_provenance(self.as_allocated().var());
        // SAFETY: `index` is in bounds, so by the type invariant each CPU's copy of the element is
        // initialised, and lives as long as that of the array.
        unsafe { PerCpu::from_raw(first.wrapping_add(index)) }
    }
}

impl<T: PerCpuValue, P: Place, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
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

    /// Reads the copy of `cpu`, which may be any CPU, by one load:
    /// `READ_ONCE(*per_cpu_ptr(ptr, cpu))`. Any context.
    #[doc(alias = "per_cpu_ptr")]
    pub fn read_remote(&self, cpu: PossibleCpu) -> T {
        const {
            assert!(
                align_of::<T>() == size_of::<T>() && size_of::<T>() <= size_of::<usize>(),
                "a value is read by one load"
            )
        };

        // SAFETY: By the type invariant this is an aligned `T` that lives. Its CPU changes it by
        // single instructions. As a `PerCpuValue` it is aligned to its size, of at most a word, so
        // one load reads it, and sees no change half done.
        unsafe { self.per_cpu_ptr(cpu).read_volatile() }
    }

    /// Writes `value` to the copy of a dead CPU, and returns what was there.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn replace_dead(&self, cpu: &DeadCpu<'_>, value: T) -> T {
        let ptr = self.per_cpu_ptr(cpu.id());

        // SAFETY: By the type invariant this is an aligned `T` that lives. Its CPU is dead, so only
        // readers could be there, and they load volatile, as this stores.
        unsafe {
            let old = ptr.read_volatile();
            ptr.write_volatile(value);
            old
        }
    }
}

impl<T: PerCpuInt, P: Place, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
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

    /// Adds up the copies of `cpus`, which wraps around.
    ///
    /// Copies are read one after another: changes that happen meanwhile may be in the sum or not.
    pub fn sum(&self, cpus: impl Iterator<Item = PossibleCpu>) -> T {
        cpus.fold(T::ZERO, |sum, cpu| sum.plus(self.read_remote(cpu)))
    }

    /// Adds up the copies of all CPUs that may exist: every change that was ever made. Any context.
    pub fn sum_possible(&self) -> T {
        self.sum(cpumask::possible().iter())
    }

    /// Adds up the copies of the CPUs that are online. What CPUs that went away left in theirs is not
    /// in the sum.
    pub fn sum_online(&self, cpus: &CpusHeld) -> T {
        self.sum(cpus.online())
    }

    /// Adds up the copies of the CPUs that are online and of those that went away, or are about to:
    /// what `percpu_counter_sum()` walks. Any context.
    ///
    /// Without the hotplug lock [`sum_online`](Self::sum_online) would miss a CPU that has left
    /// `cpu_online_mask` and has not given away yet what is in its copy.
    pub fn sum_online_or_dying(&self) -> T {
        let (online, dying) = (cpumask::online(), cpumask::dying());
        let walk = cpumask::possible().iter();

        self.sum(walk.filter(|cpu| online.test(*cpu) || dying.test(*cpu)))
    }

    /// Empties the copy of a dead CPU, and returns what was there.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn take(&self, cpu: &DeadCpu<'_>) -> T {
        self.replace_dead(cpu, T::ZERO)
    }
}
