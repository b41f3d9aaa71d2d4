// SPDX-License-Identifier: GPL-2.0

//! Counters with an approximate value that is cheap to read.
//!
//! C header: [`include/linux/percpu_counter.h`](srctree/include/linux/percpu_counter.h)
//!
//! A CPU keeps what it adds, and moves it to the total when it is a batch. So the total lags, by less
//! than a batch for each CPU, and nobody walks the CPUs to read it.

use kernel::{
    alloc::Flags,
    bindings::percpu_counter,
    error::to_result,
    prelude::*,
    types::Opaque, //
};

use crate::{
    bindings,
    gfp, //
};

/// Counts up and down in batches of each CPU: `struct percpu_counter`.
///
/// Each CPU keeps what it added to itself until that reaches the batch, and then moves it into a
/// total under a lock. So [`read`](Self::read) is one load, and off by less than the number of CPUs
/// times the batch; [`sum`](Self::sum) walks the CPUs and is exact. When a CPU goes offline, the kernel
/// adds what that CPU kept to the total. A [`RatelimitedSum`](super::RatelimitedSum) has no lock, and
/// lags differently.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::percpu::PerCpuCounter;
///
/// let blocks = KBox::pin_init(PerCpuCounter::new(100, GFP_KERNEL), GFP_KERNEL)?;
/// blocks.add(20);
/// blocks.add(-50);
///
/// assert_eq!(blocks.sum(), 70);
/// assert_eq!(blocks.compare(70), core::cmp::Ordering::Equal);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The counter is initialised.
#[pin_data(PinnedDrop)]
pub struct PerCpuCounter {
    #[pin]
    counter: Opaque<percpu_counter>,
}

// SAFETY: `struct percpu_counter` belongs to no thread.
unsafe impl Send for PerCpuCounter {}

// SAFETY: C's functions on it may run on several CPUs at the same time: a CPU changes its own part by
// one instruction, or with the counter's lock.
unsafe impl Sync for PerCpuCounter {}

impl PerCpuCounter {
    /// Makes a counter that starts at `amount`: `percpu_counter_init()`.
    ///
    /// May sleep if `flags` lets it. Fails as [all allocations](crate::percpu#errors) do.
    pub fn new(amount: i64, flags: Flags) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            counter <- Opaque::try_ffi_init(move |counter| {
                // All counters share a class of lockdep's, which is right: no two are locked at a time.
                //
                // INVARIANT: On success the counter is initialised.
                // SAFETY: `counter` has room for one counter. It stays where it is until `drop`, which
                // takes it off the kernel's list of counters. The class's key is a static.
                to_result(unsafe {
                    bindings::__percpu_counter_init_many(
                        counter,
                        amount,
                        gfp::as_raw(flags)?,
                        1,
                        kernel::static_lock_class!().as_ptr(),
                    )
                })
            }),
        }? Error)
    }

    /// Adds `amount`, with the kernel's own batch: `percpu_counter_add()`.
    ///
    /// Any context but NMI.
    pub fn add(&self, amount: i64) {
        // SAFETY: It is an aligned `int` that lives forever. The kernel stores to it when CPUs come and
        // go; a stale value makes a batch that is a little off.
        let batch = unsafe { (&raw const bindings::percpu_counter_batch).read_volatile() };

        self.add_batch(amount, batch);
    }

    /// Adds `amount`, and moves what this CPU keeps to the total when that is `batch` or more:
    /// `percpu_counter_add_batch()`.
    ///
    /// Any context but NMI.
    pub fn add_batch(&self, amount: i64, batch: i32) {
        // SAFETY: By the type invariant the counter is initialised.
        unsafe { bindings::percpu_counter_add_batch(self.counter.get(), amount, batch) };
    }

    /// Returns the total without what CPUs keep to themselves: `percpu_counter_read()`.
    ///
    /// Any context.
    pub fn read(&self) -> i64 {
        // SAFETY: By the type invariant the counter is initialised, so its total is in bounds.
        // It is one aligned word, which is changed by one store.
        unsafe { (&raw const (*self.counter.get()).count).read_volatile() }
    }

    /// Returns the exact total: `percpu_counter_sum()`.
    ///
    /// Walks the CPUs. Any context but NMI.
    pub fn sum(&self) -> i64 {
        // SAFETY: By the type invariant the counter is initialised.
        unsafe { bindings::__percpu_counter_sum(self.counter.get()) }
    }

    /// Compares the counter with `other`, walking the CPUs only if the approximate value is too
    /// close to tell: `percpu_counter_compare()`.
    ///
    /// Any context but NMI.
    pub fn compare(&self, other: i64) -> core::cmp::Ordering {
        // SAFETY: As in `add`.
        let batch = unsafe { (&raw const bindings::percpu_counter_batch).read_volatile() };

        // SAFETY: By the type invariant the counter is initialised.
        unsafe { bindings::__percpu_counter_compare(self.counter.get(), other, batch) }.cmp(&0)
    }
}

#[pinned_drop]
impl PinnedDrop for PerCpuCounter {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the counter is initialised, and `self` is not used again.
        unsafe { bindings::percpu_counter_destroy_many(self.counter.get(), 1) };
    }
}
