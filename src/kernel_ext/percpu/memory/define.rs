// SPDX-License-Identifier: GPL-2.0

//! Static per-CPU variables.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)
//!
//! # Life of a variable
//!
//! The compiler puts the initial image into the section `.data..percpu`. For a module the loader
//! allocates as many bytes for each possible CPU, copies the image there, and lets the symbols point
//! at the allocation. Built into the kernel, the image is copied when the boot sets up the CPUs' areas.
//! Nobody reads the image afterwards. The copies go with the module: whoever is told the address of a
//! variable, such as a probe, must have stopped before.

use core::cell::UnsafeCell;

use crate::bindings;

/// Holds the initial image of a static per-CPU variable.
///
/// Nobody but the loader accesses the image itself.
#[doc(hidden)]
#[repr(transparent)]
pub struct Image<T>(UnsafeCell<T>);

impl<T> Image<T> {
    /// Makes an image that holds `value`.
    ///
    /// A type that needs a drop, or more alignment than a page, does not compile.
    pub const fn new(value: T) -> Self {
        // Nobody drops what is in a static.
        const { assert!(!core::mem::needs_drop::<T>()) };
        // A module loader that is asked for more gives a page.
        const {
            assert!(
                align_of::<T>() <= bindings::PAGE_SIZE,
                "per-CPU alignment ends at a page"
            )
        };

        Self(UnsafeCell::new(value))
    }
}

// SAFETY: Nobody accesses the image through a reference to it: it has no method for that, and
// `define_per_cpu!` hides the static. The loader copies it before anything of the module runs.
unsafe impl<T> Sync for Image<T> {}

/// Defines static per-CPU variables.
///
/// Equivalent to `DEFINE_PER_CPU()`. Each CPU's copy starts with the value given. The variable is a
/// constant of type [`PerCpu`](crate::percpu::PerCpu) whose operations have the address inside
/// their instruction.
///
/// All modules that are loaded share 8 KiB for their static per-CPU variables: for more than a
/// few words use [`Array`](crate::percpu::Array).
///
/// Attributes are those of the variable. With `#[cfg]` there may be no variable at all.
///
/// A variable that is `pub` is reached in other crates by its path, with the same single
/// instructions; the module must export its symbols, as Kbuild does for this crate.
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
    ($($(#[$($attr:tt)*])* $vis:vis static $name:ident: $ty:ty = $init:expr;)*) => {$(
        $crate::__percpu_static! {
            [] [] $(#[$($attr)*])* unsafe $vis $name: $ty = __PERCPU_STORAGE;

            // The one section that the module loader knows, by exactly this name.
            #[link_section = ".data..percpu"]
            static __PERCPU_STORAGE: $crate::percpu::Image<$ty> =
                $crate::percpu::Image::new($init);
        }
    )*};
}

/// Declares static per-CPU variables that C defines.
///
/// Equivalent to `DECLARE_PER_CPU()`. What follows the `=` is the path of an `extern` static, as
/// bindgen makes them, whose type must be the one given. Variables of other crates need no
/// declaration: they are used by their path.
///
/// # Safety
///
/// The symbol must be a per-CPU variable, and whatever safe code writes to it must be fine with its
/// owner. Its owner must change a copy on its own CPU alone, by single instructions or where no
/// interrupt reads it half done.
///
/// # Examples
///
/// ```
/// use kernel::{
///     bindings,
///     prelude::*, //
/// };
/// use kernel_ext::{
///     declare_per_cpu,
///     percpu::get_cpu, //
/// };
///
/// declare_per_cpu! {
///     // SAFETY: C sets it at boot and only reads it since, as do we.
///     unsafe static CPU_NUMBER: c_int = bindings::cpu_number;
/// }
///
/// let pin = get_cpu();
/// assert_eq!(CPU_NUMBER.read(), pin.cpu().as_u32() as c_int);
/// ```
#[macro_export]
macro_rules! declare_per_cpu {
    ($($(#[$($attr:tt)*])* $vis:vis unsafe static $name:ident: $ty:ty = $symbol:path;)*) => {$(
        $crate::__percpu_static! {
            [] [] $(#[$($attr)*])* unsafe $vis $name: $ty = $symbol;

            const _: fn() -> *const $ty = || &raw const $symbol;
        }
    )*};
}

/// Defines a static variable whose image is the static at the path behind the `=`, and what belongs
/// to it.
///
/// Attributes move from behind the brackets into them: into the first those that say whether there
/// is a variable at all, which each item needs, into the second all others, which are the
/// variable's.
///
/// Who writes the `unsafe` vouches for it that the static is in the per-CPU section, and that nobody
/// changes its copies but by `PerCpu`, or in a way that `PerCpu` allows.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_static {
    ([$($cfg:tt)*] [$($other:tt)*] #[cfg $($condition:tt)*] $($rest:tt)*) => {
        $crate::__percpu_static! { [$($cfg)* #[cfg $($condition)*]] [$($other)*] $($rest)* }
    };
    ([$($cfg:tt)*] [$($other:tt)*] #[$($attr:tt)*] $($rest:tt)*) => {
        $crate::__percpu_static! { [$($cfg)*] [$($other)* #[$($attr)*]] $($rest)* }
    };
    ([$($cfg:tt)*] [$($other:tt)*]
     unsafe $vis:vis $name:ident: $ty:ty = $image:path; $($item:tt)*) => {
        // The variable's storage: a type of the same name as the constant below.
        $($cfg)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        $vis enum $name {}

        $($cfg)*
        $($other)*
        #[allow(clippy::declare_interior_mutable_const)]
        $vis const $name: $crate::percpu::PerCpu<$ty, $name> =
            // SAFETY: The storage tells the address of a static in the per-CPU section, which the
            // loader has copied for each possible CPU, whatever it is given. Nobody else changes
            // the copies: `Image` hides the static, or whoever declares it vouches for it.
            unsafe { $crate::percpu::PerCpu::new() };

        $($cfg)*
        const _: () = {
            $($item)*

            $crate::__percpu_static_storage!(unsafe $name, $image);
        };
    };
}

/// Implements `Storage` for a static variable.
#[cfg(CONFIG_X86_64)]
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_static_storage {
    (unsafe $storage:ty, $image:path) => {
        $crate::__percpu_storage!(
            unsafe $storage, __var => (&raw const $image).addr(),
            ["gs:[rip + {__image} + {__offset}]", __image = sym $image],
            ["gs:[rip + {__image} + {__offset}]", __image = sym $image]
        );
    };
}

/// Implements `Storage` for a static variable.
#[cfg(not(CONFIG_X86_64))]
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_static_storage {
    (unsafe $storage:ty, $image:path) => {
        // SAFETY: The variable is at its static's address.
        unsafe impl $crate::percpu::Storage for $storage {
            fn address(
                __var: $crate::__core::primitive::usize,
            ) -> $crate::__core::primitive::usize {
                (&raw const $image).addr()
            }
        }
    };
}
