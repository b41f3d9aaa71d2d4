// SPDX-License-Identifier: GPL-2.0

//! Parameters on the kernel's command line.

/// Calls a function for a parameter on the kernel's command line, as soon as that is known.
///
/// Equivalent to `early_param()`. Takes the parameter's name and the name of a
/// `fn(Option<&CStr>) -> Result`, which gets what follows the `=`. An error has the kernel warn
/// of a malformed option. Called again when the parameter is there again.
///
/// This is before there are memory allocators, interrupts, other tasks or other CPUs: the
/// function must not allocate, sleep or wait. It may keep what it was told in a static `Atomic`, and
/// print. What it would put into a static per-CPU variable, all CPUs would start with.
///
/// In a loadable module the function is checked and left out, as C does with
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
/// fn widgets(value: Option<&CStr>) -> Result {
///     let number = value.ok_or(EINVAL)?.to_str().map_err(|_| EINVAL)?;
///     WIDGETS.store(number.parse().map_err(|_| EINVAL)?, Relaxed);
///     Ok(())
/// }
/// early_param!("widgets", widgets);
///
/// assert_eq!(WIDGETS.load(Relaxed), 0);
/// ```
#[macro_export]
macro_rules! early_param {
    ($name:literal, $function:ident) => {
        $crate::__setup_param!(
            $name,
            $function,
            fn(::core::option::Option<&::kernel::str::CStr>) -> ::kernel::error::Result,
            early,
            true
        );
    };
}

/// Calls a function for a parameter on the kernel's command line that begins like this.
///
/// Equivalent to `__setup()`. Takes the beginning, as a rule with the `=` behind a name, and the
/// name of a `fn(&CStr) -> bool`, which gets the rest and says whether the parameter was meant for
/// it. If not, others are asked, and in the end the parameter is passed to the first process.
///
/// This is after [`early_param!`](crate::early_param), and still before there are memory
/// allocators, interrupts or other tasks: the function must not allocate, sleep or wait.
///
/// In a loadable module the function is checked and left out, as in C.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     str::CStrExt, //
/// };
/// use kernel_ext::__setup;
///
/// fn greet(name: &CStr) -> bool {
///     pr_info!("hello {name:?}\n");
///     true
/// }
/// __setup!("greet=", greet);
/// ```
#[macro_export]
macro_rules! __setup {
    ($beginning:literal, $function:ident) => {
        $crate::__setup_param!(
            $beginning,
            $function,
            fn(&::kernel::str::CStr) -> bool,
            handled,
            false
        );
    };
}

/// Defines a parameter.
#[doc(hidden)]
#[macro_export]
macro_rules! __setup_param {
    ($name:literal, $function:ident, $type:ty, $call:ident, $early:literal) => {
        #[allow(dead_code)]
        const _: $type = $function;

        #[cfg(not(MODULE))]
        const _: () = {
            mod $function {
                // Called at boot alone, and freed with the rest of `.init.text`.
                #[link_section = ".init.text"]
                unsafe extern "C" fn setup(
                    value: *mut ::kernel::ffi::c_char,
                ) -> ::kernel::ffi::c_int {
                    $crate::__unlike_others!();
                    // SAFETY: The kernel hands over part of its command line.
                    unsafe { $crate::initcall::$call(super::$function, value) }
                }

                $crate::__named_after_module!(setup);

                const TEXT: &str = ::core::concat!($name, "\0");

                #[link_section = ".init.rodata"]
                static NAME: [u8; TEXT.len()] = $crate::initcall::bytes(TEXT);

                // The kernel walks this section as an array.
                #[link_section = ".init.setup"]
                #[used(compiler)]
                static PARAM: $crate::initcall::KernelParam =
                    $crate::initcall::KernelParam::new(&NAME, setup, $early);
            }
        };
    };
}
