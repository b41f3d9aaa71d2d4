// SPDX-License-Identifier: GPL-2.0

//! Per-CPU structs whose fields have operations.
//!
//! A struct declared here has a twin of no size, whose fields are [`PerCpu`]s with the field's offset
//! in their type. A variable that is the struct derefs to its twin, so that `stats.reads.inc()` is
//! one instruction on gs plus the address of `stats` plus the offset of `reads`.

use core::ops::Deref;

use super::var::PerCpu;
use crate::percpu::ops::{
    PerCpuField,
    Storage, //
};

/// Describes a struct declared by [`per_cpu_struct!`](crate::per_cpu_struct).
///
/// # Safety
///
/// To be implemented by that macro alone: `Fields` must have no size and an alignment of one, and
/// each field of it must be a `PerCpu` with the offset and the type of a field of `Self`.
pub unsafe trait PerCpuStruct: 'static {
    /// Holds the struct's fields, as per-CPU variables.
    type Fields<P: Storage>;
}

impl<T: PerCpuStruct, P: Storage> Deref for PerCpu<T, P> {
    type Target = T::Fields<P>;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        const { assert!(size_of::<T::Fields<P>>() == 0 && align_of::<T::Fields<P>>() == 1) };

        // INVARIANT: By the contract of `PerCpuStruct` each field has its offset in its type, and the
        // result has the address of `self`, to which that is added.
        // SAFETY: A reference to a type of no size and of alignment 1, as asserted, needs no memory.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }
}

/// Refuses to compile unless each `S` has an aligned `T` at `offset`.
///
/// That takes both conditions: with `packed(8)` a field may be at a multiple of 16 of a struct whose
/// own address is no such multiple.
#[doc(hidden)]
pub const fn assert_field<S, T: PerCpuField>(offset: usize) {
    assert!(
        offset % align_of::<T>() == 0 && align_of::<S>() >= align_of::<T>(),
        "a per-CPU struct must keep its fields aligned"
    );
}

/// Declares a struct for per-CPU memory, with operations on its fields.
///
/// The struct can be used as a static variable and in a [`PerCpuBox`](crate::percpu::PerCpuBox).
/// Each field is a [`PerCpu`](crate::percpu::PerCpu) of its type there.
///
/// Attributes are those of the struct and of its fields. They must leave each field aligned, so `packed`
/// does not compile, and must not take fields away, so a `#[cfg]` stands before the whole macro.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     cpumask,
///     per_cpu_struct,
///     percpu::PerCpuBox, //
/// };
///
/// per_cpu_struct! {
///     /// What a disk did.
///     struct Stats {
///         reads: u64,
///         errors: u32,
///     }
/// }
///
/// let stats = PerCpuBox::<Stats>::zeroed(GFP_KERNEL)?;
/// stats.reads.add(3);
/// stats.errors.inc();
///
/// assert_eq!(stats.reads.sum(cpumask::possible().iter()), 3);
/// # Ok::<(), Error>(())
/// ```
///
/// # Cache lines
///
/// The alignment of a struct is kept, be it static or allocated. So one that is aligned to the
/// size of a cache line, 64 bytes on x86-64, has its lines for itself. That is for what other CPUs
/// often read; what a CPU uses alone is better off close together.
///
/// ```
/// use kernel_ext::{
///     define_per_cpu,
///     per_cpu_struct, //
/// };
///
/// per_cpu_struct! {
///     /// What a CPU is at, for all to see.
///     #[repr(align(64))]
///     struct Progress {
///         generation: u64,
///     }
/// }
///
/// define_per_cpu! {
///     static PROGRESS: Progress = Progress { generation: 1 };
/// }
///
/// PROGRESS.generation.inc();
/// assert_eq!(core::ptr::from_ref(PROGRESS.generation.as_allocated()).addr() % 64, 0);
/// ```
#[macro_export]
macro_rules! per_cpu_struct {
    ($(#[$attr:meta])* $vis:vis struct $name:ident {
        $($(#[$field_attr:meta])* $field_vis:vis $field:ident: $ty:ty),* $(,)?
    }) => {
        $(#[$attr])*
        #[allow(dead_code)]
        $vis struct $name {
            $($(#[$field_attr])* $field_vis $field: $ty,)*
        }

        const _: () = {
            // The fields are only ever reached through `PerCpu`.
            #[allow(dead_code, missing_docs)]
            $vis struct __PerCpuFields<__Storage: $crate::percpu::Storage> {
                $($field_vis $field: $crate::percpu::PerCpu<
                    $ty,
                    __Storage,
                    { $crate::__core::mem::offset_of!($name, $field) },
                >,)*
            }

            // SAFETY: Each field is a `PerCpu` with the offset and the type of the struct's field,
            // where there is an aligned value. As attributes and names are the user's, this and
            // that there are no other fields is checked below.
            unsafe impl $crate::percpu::PerCpuStruct for $name {
                type Fields<__Storage: $crate::percpu::Storage> = __PerCpuFields<__Storage>;
            }

            // SAFETY: For all fields zeroes are valid, by the contract of `PerCpuField`.
            unsafe impl $crate::__kernel::prelude::Zeroable for $name {}

            const _: fn(&$name) = |__struct| {
                let $name { $($field: _),* } = __struct;
            };
            $(
                const _: () = $crate::percpu::assert_field::<$name, $ty>(
                    $crate::__core::mem::offset_of!($name, $field)
                );
                const _: fn(&$name) -> *const $ty = |__struct| &raw const __struct.$field;
                const _: fn(
                    &__PerCpuFields<$crate::percpu::Allocated>,
                ) -> *const $crate::percpu::PerCpu<
                    $ty,
                    $crate::percpu::Allocated,
                    { $crate::__core::mem::offset_of!($name, $field) },
                > = |__fields| &raw const __fields.$field;
            )*
        };
    };
}
