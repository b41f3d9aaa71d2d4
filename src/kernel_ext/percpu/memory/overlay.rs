// SPDX-License-Identifier: GPL-2.0

//! Counters that have names: structs laid over per-CPU arrays.
//!
//! Whoever counts writes `link.packets.inc()`, and whoever shows the counts walks an array by number,
//! with the names in the same order. Both look at the same memory.

use core::ops::Deref;

use kernel::{
    prelude::*,
    sync::Arc, //
};

use super::{
    array::Array,
    structs::PerCpuStruct,
    var::PerCpu, //
};

/// Describes a struct declared by [`counters!`](crate::counters).
///
/// # Safety
///
/// To be implemented by that macro alone: the struct must have the layout of an array of `u64`,
/// with an element for each of `KEYS`, in their order.
pub unsafe trait Counters: PerCpuStruct {
    /// Holds the names of the fields, in the order in which they are declared.
    const KEYS: &'static [&'static str];
}

/// Lays a struct of counters over an [`Array`].
///
/// Each field is an element of the array, and counting in it is a single instruction as in a
/// [`PerCpuBox`](crate::percpu::PerCpuBox) of the struct. Whoever else has the array finds the counts by
/// their numbers, and need not know the struct.
///
/// # Examples
///
/// ```
/// use kernel::sync::Arc;
/// use kernel_ext::{
///     counters,
///     percpu::{
///         Array,
///         Counters,
///         Overlay, //
///     }, //
/// };
///
/// counters! {
///     /// What a link did.
///     struct Link {
///         packets: u64,
///         errors: u64,
///     }
/// }
///
/// let slots = Arc::new(Array::zeroed(Link::KEYS.len(), GFP_KERNEL)?, GFP_KERNEL)?;
/// let link = Overlay::<Link>::new(slots.clone())?;
/// link.packets.inc();
/// link.errors.add(3);
///
/// assert_eq!(Link::KEYS, ["packets", "errors"]);
/// assert_eq!(slots.get(0).map(|slot| slot.sum_possible()), Some(1));
/// assert_eq!(slots.get(1).map(|slot| slot.sum_possible()), Some(3));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `base` is the address of the array's first element, and the array is as long as a `T`.
pub struct Overlay<T> {
    base: *const T,
    _array: Arc<Array<u64>>,
}

// SAFETY: An `Overlay` is an `Arc` of an array of integers, which may go to any thread, and the address
// of the array's memory.
unsafe impl<T> Send for Overlay<T> {}

// SAFETY: A shared reference gives access to a `PerCpu` alone, whose operations may run on several
// CPUs at the same time.
unsafe impl<T> Sync for Overlay<T> {}

impl<T: Counters> Overlay<T> {
    /// Lays a struct over `array`.
    ///
    /// Fails with `EINVAL` unless the array has an element for each field. Any context.
    pub fn new(array: Arc<Array<u64>>) -> Result<Self> {
        if array.len() != T::KEYS.len() {
            return Err(EINVAL);
        }

        // INVARIANT: By the contract of `Counters` a `T` is as long as an array of that many `u64`.
        Ok(Self {
            base: array.as_ptr().cast(),
            _array: array,
        })
    }
}

impl<T: Counters> Deref for Overlay<T> {
    type Target = PerCpu<T>;

    #[inline(always)]
    fn deref(&self) -> &PerCpu<T> {
        // SAFETY: By the type invariant each CPU has as many elements there as a `T` has fields. By the
        // contract of `Counters` a `T` has the layout of these elements, which are initialised. They
        // live as long as `self`, which keeps the array.
        unsafe { PerCpu::from_raw(self.base) }
    }
}

/// Declares a struct of counters, each of them a `u64`.
///
/// It is a [`per_cpu_struct!`](crate::per_cpu_struct) that knows the names of its fields, and can be
/// laid over an [`Array`](crate::percpu::Array) by an [`Overlay`](crate::percpu::Overlay).
#[macro_export]
macro_rules! counters {
    ($(#[$attr:meta])* $vis:vis struct $name:ident {
        $($(#[$field_attr:meta])* $field_vis:vis $field:ident: u64),+ $(,)?
    }) => {
        $crate::per_cpu_struct! {
            #[repr(C)]
            $(#[$attr])*
            $vis struct $name {
                $($(#[$field_attr])* $field_vis $field: $crate::__core::primitive::u64,)+
            }
        }

        // SAFETY: All fields are `u64`, and C's layout keeps them in their order. Attributes add
        // nothing to them, or the assertion below would fail.
        unsafe impl $crate::percpu::Counters for $name {
            const KEYS: &'static [&'static $crate::__core::primitive::str] =
                &[$($crate::__core::stringify!($field)),+];
        }

        const _: () = {
            let __words = <$name as $crate::percpu::Counters>::KEYS.len();
            $crate::__core::assert!(
                $crate::__core::mem::size_of::<$name>() == __words * 8
                    && $crate::__core::mem::align_of::<$name>() == 8,
                "counters are u64 and nothing else"
            );
        };
    };
}
