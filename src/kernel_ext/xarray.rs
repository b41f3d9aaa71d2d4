// SPDX-License-Identifier: GPL-2.0

//! An array with holes that is read without a lock.
//!
//! C header: [`include/linux/xarray.h`](srctree/include/linux/xarray.h)

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    bindings::xarray,
    error::to_result,
    prelude::*,
    sync::{
        rcu,
        Arc, //
    },
    types::{
        ForeignOwnable,
        Opaque, //
    }, //
};

use crate::{
    bindings,
    context, //
};

/// Holds objects by number, which are found by a few loads and no lock.
///
/// The `XArray` of the `kernel` crate lends its objects under its lock, so interrupts cannot look
/// one up there. Here a look-up takes an RCU guard, and whoever removes an object waits for the
/// guards under which it may have been found.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::{
///         rcu,
///         Arc, //
///     }, //
/// };
/// use kernel_ext::xarray::RcuXArray;
///
/// let names = KBox::pin_init(RcuXArray::new(), GFP_KERNEL)?;
/// names.insert(8, Arc::new("eight", GFP_KERNEL)?)?;
/// assert_eq!(names.insert(8, Arc::new("ocho", GFP_KERNEL)?), Err(EBUSY));
///
/// let guard = rcu::read_lock();
/// assert_eq!(names.get(8, &guard), Some(&"eight"));
/// assert_eq!(names.get(9, &guard), None);
/// drop(guard);
///
/// assert_eq!(names.remove(8).as_deref(), Ok(&"eight"));
/// assert_eq!(names.remove(8).err(), Some(ENOENT));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The array is initialised. Each of its entries is from `Arc::<T>::into_foreign`, and owns that
/// reference for an RCU grace period longer than it can be found.
#[pin_data(PinnedDrop)]
pub struct RcuXArray<T: 'static> {
    #[pin]
    xa: Opaque<xarray>,
    _entries: PhantomData<Arc<T>>,
}

// SAFETY: The entries go where the array goes.
unsafe impl<T: Send + Sync> Send for RcuXArray<T> {}

// SAFETY: The array has its own lock. A shared reference lends the entries as `&T` and takes and
// gives `Arc<T>`, which are fine to share and to send by the bounds.
unsafe impl<T: Send + Sync> Sync for RcuXArray<T> {}

impl<T> RcuXArray<T> {
    /// Makes an array without entries: `xa_init()`.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            // INVARIANT: There are no entries.
            // SAFETY: `xa` is valid for writes.
            xa <- Opaque::ffi_init(|xa| unsafe { bindings::xa_init_flags(xa, 0) }),
            _entries: PhantomData,
        })
    }

    /// Puts `object` at `index`, where it can be found at once: `xa_insert()`.
    ///
    /// May sleep. Fails with `EBUSY` if there is one already, and with `ENOMEM`.
    pub fn insert(&self, index: usize, object: Arc<T>) -> Result {
        // C keeps what an entry is in its lowest two bits, which must be free.
        const { assert!(<Arc<T> as ForeignOwnable>::FOREIGN_ALIGN >= 4) };

        let entry = object.into_foreign();

        // INVARIANT: On success the array owns the entry.
        // SAFETY: The array is initialised, and the lock is held as `__xa_insert()` wants it. The
        // entry is a pointer as aligned as the array asks, by the assertion above.
        let done = unsafe {
            bindings::xa_lock(self.xa.get());
            let done = bindings::__xa_insert(self.xa.get(), index, entry, bindings::GFP_KERNEL);
            bindings::xa_unlock(self.xa.get());
            done
        };

        to_result(done).inspect_err(|_| {
            // SAFETY: The array did not take the entry, so it is ours as before.
            drop(unsafe { Arc::<T>::from_foreign(entry) });
        })
    }

    /// Takes the object at `index` out, and waits until nobody who found it here still looks at it:
    /// `xa_erase()`, `synchronize_rcu()`.
    ///
    /// Sleeps. Fails with `ENOENT` if there is none, and with `EDEADLK` where the task may not
    /// sleep: under an RCU guard it would wait for itself. A kernel that counts neither RCU guards
    /// nor disabled preemption cannot tell; there the call returns while a guard of this task still
    /// lends the object. So it must not be made under a guard, like any other call that sleeps.
    pub fn remove(&self, index: usize) -> Result<Arc<T>> {
        if !context::may_sleep() {
            return Err(EDEADLK);
        }

        // SAFETY: The array is initialised.
        let entry = unsafe { bindings::xa_erase(self.xa.get(), index) };
        let entry = NonNull::new(entry).ok_or(ENOENT)?;

        rcu::synchronize_rcu();
        // SAFETY: By the type invariant it is from `into_foreign`. It was the array's until now,
        // and what `get` lent of it is bound to RCU guards, which are gone.
        Ok(unsafe { Arc::from_foreign(entry.as_ptr()) })
    }

    /// Returns the object at `index`: `xa_load()`.
    ///
    /// Any context.
    pub fn get<'a>(&'a self, index: usize, _rcu: &'a rcu::Guard) -> Option<&'a T> {
        // SAFETY: The array is initialised.
        let entry = NonNull::new(unsafe { bindings::xa_load(self.xa.get(), index) })?;

        // SAFETY: By the type invariant it is from `into_foreign`, and owns its reference while the
        // guard is there.
        let object = unsafe { Arc::<T>::borrow(entry.as_ptr()) };
        // SAFETY: As above, so the object stays for `'a`, which is longer than `object` says.
        Some(unsafe { &*core::ptr::from_ref::<T>(&object) })
    }
}

#[pinned_drop]
impl<T> PinnedDrop for RcuXArray<T> {
    fn drop(self: Pin<&mut Self>) {
        let mut index = 0;

        // SAFETY: The array is initialised; `index` is ours.
        let mut next = unsafe {
            bindings::xa_find(self.xa.get(), &mut index, usize::MAX, bindings::XA_PRESENT)
        };
        while !next.is_null() {
            // SAFETY: By the type invariant it is from `into_foreign`. Nobody else has the array.
            drop(unsafe { Arc::<T>::from_foreign(next) });
            // SAFETY: As above. The array keeps a stale pointer, which nobody follows.
            next = unsafe {
                bindings::xa_find_after(self.xa.get(), &mut index, usize::MAX, bindings::XA_PRESENT)
            };
        }

        // SAFETY: The array is initialised, and not used again.
        unsafe { bindings::xa_destroy(self.xa.get()) };
    }
}
