// SPDX-License-Identifier: GPL-2.0

//! Tracepoints found by name, and probes on them.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)
//!
//! Few tracepoints are exported to modules, but all that are built into the kernel can be walked,
//! so they are found by name. The types of the tracepoints' arguments are checked on both sides:
//! Rust checks each probe against a type in C, and C checks that type against the tracepoint.

mod events;

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    bindings::tracepoint,
    error::to_result,
    prelude::*, //
};

pub use self::events::{
    IrqHandlerEntry,
    MmPageAlloc,
    MmPageFree,
    PercpuAllocPercpu,
    SchedSwitch,
    SoftirqEntry, //
};
use crate::bindings;

/// A tracepoint of the kernel, with the type of what it tells.
///
/// # Safety
///
/// `probe` must return a function that the tracepoint called `NAME` may call, with a pointer to
/// `P` as its data, and that does no more than to call `P::hit`.
pub unsafe trait Tracepoint: 'static {
    /// Its name, without the system's.
    const NAME: &'static CStr;

    /// What it tells its probes.
    type Args<'a>;

    /// The function to be called from C.
    #[doc(hidden)]
    fn probe<P: Probe<Self>>() -> NonNull<c_void>
    where
        Self: Sized;
}

/// Someone who is called whenever a tracepoint is passed.
pub trait Probe<T: Tracepoint>: Send + Sync + 'static {
    /// Called with the tracepoint's arguments, in the context in which the event happens: perhaps
    /// with interrupts off, a runqueue lock held, or in an NMI. So it must not sleep, lock,
    /// allocate or print, nor pass a tracepoint that it is attached to.
    fn hit(&self, args: T::Args<'_>);
}

/// Finds a tracepoint that is built into the kernel; `None` if there is none of that name. May
/// sleep.
fn find(name: &CStr) -> Option<NonNull<tracepoint>> {
    struct Search<'a> {
        name: &'a CStr,
        found: Option<NonNull<tracepoint>>,
    }

    /// # Safety
    ///
    /// `tp` must be a valid tracepoint and `search` a `Search` that nobody else uses.
    unsafe extern "C" fn visit(tp: *mut tracepoint, search: *mut c_void) {
        // SAFETY: By the function's contract.
        let search = unsafe { &mut *search.cast::<Search<'_>>() };
        // SAFETY: A tracepoint's name is a string that lives as long as it does.
        let name = unsafe { CStr::from_char_ptr((*tp).name) };

        if name == search.name {
            search.found = NonNull::new(tp);
        }
    }

    let mut search = Search { name, found: None };
    // SAFETY: `visit` gets valid tracepoints, and the pointer that is passed here, to a value
    // that is not used meanwhile.
    unsafe {
        bindings::for_each_kernel_tracepoint(Some(visit), (&raw mut search).cast());
    }
    search.found
}

/// A probe on a tracepoint. Dropping it detaches the probe, and waits until it has returned
/// everywhere.
///
/// # Invariants
///
/// `tracepoint` is built into the kernel, and a pointer to `probe` is attached to it until it is
/// dropped.
#[pin_data(PinnedDrop)]
pub struct Attached<T: Tracepoint, P: Probe<T>> {
    tracepoint: NonNull<tracepoint>,
    probe: P,
    _tracepoint: PhantomData<T>,
}

// SAFETY: Tracepoints have their own locks; the probe is `Send`.
unsafe impl<T: Tracepoint, P: Probe<T>> Send for Attached<T, P> {}

// SAFETY: A shared reference gives access to nothing; all CPUs share the probe, which is `Sync`.
unsafe impl<T: Tracepoint, P: Probe<T>> Sync for Attached<T, P> {}

impl<T: Tracepoint, P: Probe<T>> Attached<T, P> {
    /// Attaches `probe`. May sleep.
    ///
    /// Fails with `ENOENT`, and says so in the log, if the kernel has no such tracepoint.
    pub fn new(probe: P) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            probe,
            _tracepoint: PhantomData,
            tracepoint: {
                let tracepoint = find(T::NAME).ok_or_else(|| {
                    pr_err!("this kernel has no tracepoint {}\n", T::NAME);
                    ENOENT
                })?;
                // SAFETY: `probe` was initialised above.
                let probe = unsafe { &raw const (*this.as_ptr()).probe };

                // INVARIANT: On success the probe is attached.
                // SAFETY: The tracepoint is never freed. It may call the function, by the
                // contract of `Tracepoint`. The data is pinned, and `drop` detaches it before it
                // goes.
                to_result(unsafe {
                    bindings::tracepoint_probe_register(
                        tracepoint.as_ptr(),
                        T::probe::<P>().as_ptr(),
                        probe.cast_mut().cast(),
                    )
                })?;
                tracepoint
            },
        }? Error)
    }
}

#[pinned_drop]
impl<T: Tracepoint, P: Probe<T>> PinnedDrop for Attached<T, P> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the probe is attached with exactly this function and
        // this data.
        unsafe {
            bindings::tracepoint_probe_unregister(
                self.tracepoint.as_ptr(),
                T::probe::<P>().as_ptr(),
                (&raw const self.probe).cast_mut().cast(),
            );
        }
        // SAFETY: A plain function call. No CPU is inside the probe when it returns.
        unsafe { bindings::tracepoint_synchronize_unregister() };
    }
}
