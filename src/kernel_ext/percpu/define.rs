// SPDX-License-Identifier: GPL-2.0

//! Static per-CPU variables.

use core::cell::UnsafeCell;

use super::PerCpuRef;

/// A static per-CPU variable, as [`define_per_cpu!`](crate::define_per_cpu) makes it.
///
/// The implementor is a type of size zero with one value, named like the variable. That lets each
/// operation carry the variable's address inside its instruction, as gcc does for C: nothing needs
/// to be loaded first.
///
/// # Safety
///
/// To be implemented by `define_per_cpu!` alone, which puts the variable where the loader makes
/// copies of it.
pub unsafe trait StaticPerCpu: Copy + Send + Sync {
    /// The type of each CPU's copy.
    type Value;

    /// A reference to the variable, for what does not need to be a single instruction.
    fn as_per_cpu_ref(self) -> PerCpuRef<'static, Self::Value>;

    /// Adds `value` to this CPU's copy; it wraps around.
    ///
    /// Equivalent to `this_cpu_add()`: one instruction, any context.
    #[doc(alias = "this_cpu_add")]
    fn add(self, value: Self::Value);

    /// Adds one to this CPU's copy; it wraps around.
    ///
    /// Equivalent to `this_cpu_inc()`: one instruction, any context.
    #[doc(alias = "this_cpu_inc")]
    fn inc(self);
}

/// The initial image of a static per-CPU variable. Nobody accesses the image itself.
#[doc(hidden)]
#[repr(transparent)]
pub struct Storage<T>(UnsafeCell<T>);

impl<T> Storage<T> {
    /// An image that holds `value`.
    ///
    /// # Safety
    ///
    /// The result must initialise a static in the section `.data..percpu`.
    pub const unsafe fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }
}

// SAFETY: The image is copied by the loader and not accessed afterwards. The copies are reached
// through `PerCpuRef` and single instructions, both of which are safe from any CPU for the types
// that `define_per_cpu!` takes.
unsafe impl<T: Send> Sync for Storage<T> {}

/// Defines static per-CPU variables.
///
/// Equivalent to `DEFINE_PER_CPU()`. Each CPU's copy starts with the value given. The operations
/// are methods of [`StaticPerCpu`](crate::percpu::StaticPerCpu), which must be in scope.
///
/// All modules that are loaded share 8 KiB for their static per-CPU variables: for more than a
/// few words use [`Array`](crate::percpu::Array).
///
/// # Examples
///
/// ```
/// use kernel_ext::{
///     cpumask,
///     define_per_cpu,
///     percpu::StaticPerCpu, //
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
/// let widgets = WIDGETS.as_per_cpu_ref();
/// assert_eq!(cpumask::possible().iter().map(|cpu| widgets.read(cpu)).sum::<u64>(), 42);
/// ```
#[macro_export]
macro_rules! define_per_cpu {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: u64 = $init:expr;)*) => {$(
        $(#[$attr])*
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy)]
        $vis struct $name;

        const _: () = {
            use $crate::percpu::{PerCpuRef, StaticPerCpu, Storage};

            const INIT: u64 = $init;

            // The one section that the module loader knows, by exactly this name.
            // SAFETY: The static is in the section that is asked for.
            #[link_section = ".data..percpu"]
            static STORAGE: Storage<u64> = unsafe { Storage::new(INIT) };

            // SAFETY: `STORAGE` is in the per-CPU section, and is reached only as below.
            unsafe impl StaticPerCpu for $name {
                type Value = u64;

                fn as_per_cpu_ref(self) -> PerCpuRef<'static, u64> {
                    // SAFETY: `STORAGE` is in the section that is asked for.
                    unsafe { PerCpuRef::from_static(&raw const STORAGE) }
                }

                #[inline(always)]
                fn add(self, value: u64) {
                    // SAFETY: gs plus the variable's address is this CPU's copy. A single
                    // instruction can be interrupted neither by a change of CPU nor by another
                    // access from this CPU, and other CPUs only load.
                    unsafe {
                        ::core::arch::asm!(
                            "add qword ptr gs:[rip + {storage}], {value}",
                            storage = sym STORAGE,
                            value = in(reg) value,
                            options(nostack),
                        );
                    }
                }

                #[inline(always)]
                fn inc(self) {
                    // SAFETY: As in `add`.
                    unsafe {
                        ::core::arch::asm!(
                            "inc qword ptr gs:[rip + {storage}]",
                            storage = sym STORAGE,
                            options(nostack),
                        );
                    }
                }
            }
        };
    )*};
}
