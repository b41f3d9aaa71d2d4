// SPDX-License-Identifier: GPL-2.0

//! Counters of calls of functions.
//!
//! C source: [`kernel/trace/ftrace.c`](srctree/kernel/trace/ftrace.c)

use core::mem::ManuallyDrop;

use kernel::{
    bindings::{
        ftrace_ops,
        ftrace_regs, //
    },
    error::to_result,
    prelude::*,
    sync::Arc,
    types::Opaque, //
};

use crate::{
    bindings,
    percpu::PerCpu, //
};

/// Keeps a filter: the functions that an `ftrace_ops` is for, if it is registered.
///
/// # Invariants
///
/// It is not registered, or registered by the [`CallCounter`] that owns it.
struct Filter(KBox<Opaque<ftrace_ops>>);

// SAFETY: C has locks for what it points to, and for the lists that it is on.
unsafe impl Send for Filter {}

// SAFETY: As above.
unsafe impl Sync for Filter {}

impl Filter {
    /// Makes a filter that lets no function pass.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    fn new() -> Result<Self> {
        // INVARIANT: It was just made.
        Ok(Self(KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?))
    }

    /// Lets the functions at some addresses pass, and no other: `ftrace_set_filter_ips()`.
    ///
    /// Sleeps. Fails with `EINVAL` if one of them cannot be traced, or there are none, with `ENODEV` if
    /// the kernel has given tracing up, and with `ENOMEM`.
    fn set(&mut self, addresses: &[usize]) -> Result {
        if addresses.is_empty() {
            return Err(EINVAL);
        }
        let len = c_uint::try_from(addresses.len())?;

        // SAFETY: The ops are this filter's. The addresses are as many as it says, and C does not change
        // them.
        to_result(unsafe {
            bindings::ftrace_set_filter_ips(
                self.0.get(),
                addresses.as_ptr().cast_mut().cast(),
                len,
                0,
                1,
            )
        })
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // SAFETY: The ops are this filter's, and by the type invariant they are not registered any more.
        unsafe { bindings::ftrace_free_filter(self.0.get()) };
    }
}

/// Tells which symbols are functions that can be traced.
pub struct Tracer(Filter);

impl Tracer {
    /// Makes one.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub fn new() -> Result<Self> {
        Ok(Self(Filter::new()?))
    }

    /// Returns whether the function at an address can be traced.
    ///
    /// Sleeps. Fails as the kernel does if it cannot tell.
    pub fn can_trace(&mut self, address: usize) -> Result<bool> {
        match self.0.set(&[address]) {
            Ok(()) => Ok(true),
            Err(error) if error == EINVAL => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Counts the calls of functions until it is dropped.
///
/// Dropping it waits until nobody counts any more. Dropping sleeps.
///
/// A kernel that has found something wrong with its function tracer takes nothing off any more. Then
/// the functions go on counting, and what they count in is leaked.
///
/// # Invariants
///
/// The filter is registered, with a function that adds to a counter which lives as long as `kept`.
pub struct CallCounter {
    filter: ManuallyDrop<Filter>,
    kept: ManuallyDrop<Arc<dyn Send + Sync>>,
}

impl CallCounter {
    /// Adds each call of one of some functions to `counter`: `register_ftrace_function()`.
    ///
    /// Sleeps. Fails with `EINVAL` if there is no function at one of the addresses, or one that cannot
    /// be traced; with `ENODEV` if the kernel has given tracing up; and with `ENOMEM`.
    ///
    /// # Safety
    ///
    /// `counter` must be the address of a `PerCpu<u64>` that lives as long as `kept`.
    pub(crate) unsafe fn new(
        addresses: &[usize],
        counter: usize,
        kept: Arc<dyn Send + Sync>,
    ) -> Result<Self> {
        let mut filter = Filter::new()?;
        filter.set(addresses)?;

        let ops = filter.0.get();
        // SAFETY: The ops are this filter's and not registered yet.
        unsafe {
            (*ops).func = Some(count_call);
            (*ops).private = core::ptr::without_provenance_mut(counter);
        }
        // SAFETY: The ops stay where they are until `drop` has taken them off. The function may be called
        // wherever a function may begin: it does no more than to add to the counter, which lives, by
        // this function's contract.
        to_result(unsafe { bindings::register_ftrace_function(ops) })?;
        // INVARIANT: It was just registered.
        Ok(Self {
            filter: ManuallyDrop::new(filter),
            kept: ManuallyDrop::new(kept),
        })
    }
}

impl Drop for CallCounter {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered. As these ops are no part of the kernel's data, C
        // waits until no CPU is in the function any more.
        let error = unsafe { bindings::unregister_ftrace_function(self.filter.0.get()) };
        if error != 0 {
            return;
        }

        // SAFETY: Nobody has the ops or the counter any more, and nobody uses the fields after this.
        unsafe {
            ManuallyDrop::drop(&mut self.filter);
            ManuallyDrop::drop(&mut self.kept);
        }
    }
}

/// Counts a call, by one instruction on this CPU's copy of the counter.
///
/// # Safety
///
/// `ops` must be those of a [`CallCounter`].
#[inline(never)]
unsafe extern "C" fn count_call(
    _ip: c_ulong,
    _parent_ip: c_ulong,
    ops: *mut ftrace_ops,
    _regs: *mut ftrace_regs,
) {
    // SAFETY: By the function's contract, and the type invariant of `CallCounter`.
    let counter = unsafe { PerCpu::<u64>::from_raw((*ops).private.cast()) };

    counter.inc();
}
