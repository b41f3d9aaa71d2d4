// SPDX-License-Identifier: GPL-2.0

//! Parameters on the kernel's command line.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        AtomicType, //
    }, //
};

/// Has the kernel store the value of a parameter on its command line, as soon as that is known.
///
/// Equivalent to `early_param()`. Takes the parameter's name, the name of a static `Atomic`, and that of
/// a `const fn(Option<&CStr>) -> Result<T>`, which makes what is stored of what follows the `=`. An error
/// has the kernel warn of a malformed option. Both again when the parameter is there again.
///
/// This is before there are memory allocators, per-CPU areas, interrupts, other tasks or other CPUs.
/// Nearly nothing of the kernel may be called then, which is why a `const fn` is asked for: it can call
/// nothing that does more than compute. What is to be done about the value is for an initcall.
///
/// # Any function
///
/// `early_param!(unsafe "name", function)` calls a `fn(Option<&CStr>) -> Result`, to do with the value
/// what it likes.
///
/// # Safety
///
/// With `unsafe`: neither the function nor what it calls may allocate, sleep, wait, take a lock that
/// may be waited for, or ask for a [`PossibleCpu`](crate::cpumask::PossibleCpu), for `nr_cpu_ids` and the
/// masks may still shrink. It must not touch per-CPU variables but those that all CPUs are to start with.
/// It may store to atomics, and print.
///
/// In a loadable module functions are checked and left out, as C does with
/// [`__setup!`](crate::__setup). (C has no `early_param()` there.)
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::atomic::{
///         Atomic,
///         Relaxed, //
///     }, //
/// };
/// use kernel_ext::early_param;
///
/// static WIDGETS: Atomic<u64> = Atomic::new(0);
///
/// const fn number(value: Option<&CStr>) -> Result<u64> {
///     if let Some(text) = value {
///         if let Ok(text) = text.to_str() {
///             if let Ok(number) = u64::from_str_radix(text, 10) {
///                 return Ok(number);
///             }
///         }
///     }
///     Err(EINVAL)
/// }
/// early_param!("widgets", WIDGETS, number);
///
/// assert_eq!(WIDGETS.load(Relaxed), 0);
/// ```
#[macro_export]
macro_rules! early_param {
    ($name:literal, $to:ident, $function:ident) => {
        #[cfg(MODULE)]
        $crate::__early_param_check!($to, $function);

        $crate::__setup_param!($name, $function, $crate::initcall::early, true, {
            $crate::__early_param_check!(super::$to, super::$function);

            const __FUNCTION: $crate::initcall::Early = |__value| {
                super::$function(__value).map(|__value| {
                    // ORDERING: Relaxed: this is before there are other CPUs or tasks.
                    super::$to.store(__value, $crate::__kernel::sync::atomic::Relaxed)
                })
            };
        });
    };
    (unsafe $name:literal, $function:ident) => {
        #[allow(dead_code)]
        const _: $crate::initcall::Early = $function;

        $crate::__setup_param!($name, $function, $crate::initcall::early, true, {
            const __FUNCTION: $crate::initcall::Early = super::$function;
        });
    };
    ($name:literal, $function:ident) => {
        $crate::__core::compile_error!(
            "nearly nothing may be called so early: say `unsafe`, or store a value"
        );
    };
}

/// Has the kernel store the value of a parameter on its command line that begins like this.
///
/// Equivalent to `__setup()`. Takes the beginning, as a rule with the `=` behind a name, the name of a
/// static `Atomic`, and that of a `const fn(&CStr) -> Option<T>`, which makes what is stored of the rest.
/// `None` says that the parameter is not meant for it: others are asked, and in the end the parameter
/// is passed to the first process.
///
/// This is after [`early_param!`](crate::early_param), and still before there are memory allocators,
/// interrupts or other tasks, so the function must be `const` as there.
///
/// # Any function
///
/// `__setup!(unsafe "name=", function)` calls a `fn(&CStr) -> bool`, which says whether the parameter was
/// meant for it.
///
/// # Safety
///
/// With `unsafe`: as for [`early_param!`](crate::early_param).
///
/// In a loadable module functions are checked and left out, as in C.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::atomic::Atomic, //
/// };
/// use kernel_ext::__setup;
///
/// static LETTERS: Atomic<u64> = Atomic::new(0);
///
/// const fn letters(name: &CStr) -> Option<u64> {
///     Some(name.to_bytes().len() as u64)
/// }
/// __setup!("greet=", LETTERS, letters);
/// ```
#[macro_export]
macro_rules! __setup {
    ($beginning:literal, $to:ident, $function:ident) => {
        #[cfg(MODULE)]
        $crate::__setup_check!($to, $function);

        $crate::__setup_param!($beginning, $function, $crate::initcall::handled, false, {
            $crate::__setup_check!(super::$to, super::$function);

            const __FUNCTION: $crate::initcall::Handled = |__rest| {
                super::$function(__rest)
                    .map(|__value| {
                        // ORDERING: Relaxed, as for an early parameter.
                        super::$to.store(__value, $crate::__kernel::sync::atomic::Relaxed)
                    })
                    .is_some()
            };
        });
    };
    (unsafe $beginning:literal, $function:ident) => {
        #[allow(dead_code)]
        const _: $crate::initcall::Handled = $function;

        $crate::__setup_param!($beginning, $function, $crate::initcall::handled, false, {
            const __FUNCTION: $crate::initcall::Handled = super::$function;
        });
    };
    ($beginning:literal, $function:ident) => {
        $crate::__core::compile_error!(
            "nearly nothing may be called so early: say `unsafe`, or store a value"
        );
    };
}

/// Checks that the function of an early parameter is a `const fn`, and makes what its static holds.
///
/// The static must be an `Atomic` itself, as what derefs to one would run code of its own. The function
/// that checks is never called; what it calls must be `const` for it to compile. Paths are those by
/// which the parameter itself calls: a function in a block may have the name of one outside.
#[doc(hidden)]
#[macro_export]
macro_rules! __early_param_check {
    ($to:path, $function:path) => {
        #[allow(dead_code)]
        const _: () = {
            const fn __check(
                __value: $crate::__core::option::Option<&$crate::__kernel::str::CStr>,
            ) {
                $crate::initcall::check_early(&$function(__value), &$to);
            }
        };
    };
}

/// Does the same for a parameter that is not an early one.
#[doc(hidden)]
#[macro_export]
macro_rules! __setup_check {
    ($to:path, $function:path) => {
        #[allow(dead_code)]
        const _: () = {
            const fn __check(__rest: &$crate::__kernel::str::CStr) {
                $crate::initcall::check_handled(&$function(__rest), &$to);
            }
        };
    };
}

/// Takes what the function of [`early_param!`](crate::early_param) makes, and what holds it.
#[doc(hidden)]
pub const fn check_early<T: AtomicType>(_made: &Result<T>, _to: &Atomic<T>) {}

/// Takes what the function of [`__setup!`](crate::__setup) makes, and what holds it.
#[doc(hidden)]
pub const fn check_handled<T: AtomicType>(_made: &Option<T>, _to: &Atomic<T>) {}

/// Names the functions that are called for an early parameter.
#[doc(hidden)]
pub type Early = fn(Option<&CStr>) -> Result;

/// Names the functions that are called for a parameter.
#[doc(hidden)]
pub type Handled = fn(&CStr) -> bool;

/// Defines a parameter whose function is the constant `__FUNCTION` of some items.
#[doc(hidden)]
#[macro_export]
macro_rules! __setup_param {
    ($name:literal, $function:ident, $call:path, $early:literal, { $($items:tt)* }) => {
        #[cfg(not(MODULE))]
        const _: () = {
            mod $function {
                $($items)*

                // Called at boot alone, and freed with the rest of `.init.text`.
                #[link_section = ".init.text"]
                unsafe extern "C" fn setup(
                    __value: *mut $crate::__kernel::ffi::c_char,
                ) -> $crate::__kernel::ffi::c_int {
                    $crate::__unlike_others!();
                    // SAFETY: The kernel hands over part of its command line.
                    unsafe { $call(__FUNCTION, __value) }
                }

                $crate::__named_after_module!(setup);

                const TEXT: &$crate::__core::primitive::str = $crate::__core::concat!($name, "\0");

                #[link_section = ".init.rodata"]
                static NAME: [$crate::__core::primitive::u8; TEXT.len()] =
                    $crate::initcall::bytes(TEXT);

                // The kernel walks this section as an array.
                #[link_section = ".init.setup"]
                #[used(compiler)]
                static PARAM: $crate::initcall::KernelParam =
                    $crate::initcall::KernelParam::new(&NAME, setup, $early);
            }
        };
    };
}
