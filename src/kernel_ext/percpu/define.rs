// SPDX-License-Identifier: GPL-2.0

//! Static per-CPU variables.

use core::cell::UnsafeCell;

/// The initial image of a static per-CPU variable. Nobody accesses the image itself.
#[doc(hidden)]
#[repr(transparent)]
pub struct Storage<T>(UnsafeCell<T>);

impl<T> Storage<T> {
    /// An image that holds `value`.
    pub const fn new(value: T) -> Self {
        // Nobody drops what is in a static.
        const { assert!(!core::mem::needs_drop::<T>()) };

        Self(UnsafeCell::new(value))
    }
}

// SAFETY: The image is copied by the loader and not accessed otherwise: there are no functions that
// do, and `define_per_cpu!` hides it.
unsafe impl<T> Sync for Storage<T> {}

/// Defines static per-CPU variables.
///
/// Equivalent to `DEFINE_PER_CPU()`. Each CPU's copy starts with the value given. The variable is a
/// constant of type [`PerCpu`](crate::percpu::PerCpu) whose operations have the address inside
/// their instruction.
///
/// All modules that are loaded share 8 KiB for their static per-CPU variables: for more than a
/// few words use [`Array`](crate::percpu::Array).
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
///     /// Widgets made.
///     static WIDGETS: u64 = 0;
/// }
///
/// WIDGETS.inc();
/// WIDGETS.add(41);
///
/// assert_eq!(WIDGETS.sum(cpumask::possible().iter()), 42);
/// ```
#[macro_export]
macro_rules! define_per_cpu {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr;)*) => {$(
        // The variable's place: a type of the same name as the constant below.
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        $vis enum $name {}

        $(#[$attr])*
        // SAFETY: The place tells the address of a static in the per-CPU section, which the loader
        // has copied for each possible CPU. `Storage` keeps everybody else out.
        #[allow(clippy::declare_interior_mutable_const)]
        $vis const $name: $crate::percpu::PerCpu<$ty, $name> =
            unsafe { $crate::percpu::PerCpu::new() };

        const _: () = {
            // The one section that the module loader knows, by exactly this name.
            #[link_section = ".data..percpu"]
            static STORAGE: $crate::percpu::Storage<$ty> = $crate::percpu::Storage::new($init);

            $crate::__percpu_static_place!($name, STORAGE);
        };
    )*};
}

/// Implements `Place` for a static variable.
#[cfg(CONFIG_X86_64)]
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_static_place {
    ($place:ty, $storage:ident) => {
        $crate::__percpu_place!(
            $place, var => (&raw const $storage).addr(),
            "gs:[rip + {storage} + {offset}]", storage = sym $storage
        );
    };
}

/// Implements `Place` for a static variable.
#[cfg(not(CONFIG_X86_64))]
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_static_place {
    ($place:ty, $storage:ident) => {
        // SAFETY: The variable is at its static's address.
        unsafe impl $crate::percpu::Place for $place {
            fn address(_var: usize) -> usize {
                (&raw const $storage).addr()
            }
        }
    };
}
