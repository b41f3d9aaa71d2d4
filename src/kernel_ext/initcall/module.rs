// SPDX-License-Identifier: GPL-2.0

//! What a loadable module has besides its code.

/// Calls a function at the start.
///
/// Equivalent to `module_init()`. Takes the name of a `fn() -> Result` of the same module, which
/// runs in process context and may sleep. In a loadable module it is called when the module is
/// loaded; an error is what loading fails with. In built-in code this is
/// [`device_initcall!`](crate::device_initcall).
///
/// A module without [`module_exit!`](crate::module_exit) cannot be unloaded.
#[macro_export]
macro_rules! module_init {
    ($function:ident) => {
        #[cfg(not(MODULE))]
        $crate::device_initcall!($function);

        #[cfg(MODULE)]
        const _: () = {
            mod $function {
                // Freed when it has returned.
                #[no_mangle]
                #[link_section = ".init.text"]
                extern "C" fn init_module() -> $crate::__kernel::ffi::c_int {
                    let __function: fn() -> $crate::__kernel::error::Result = super::$function;

                    $crate::initcall::status(__function())
                }

                $crate::__named_after_module!(init_module);

                #[link_section = ".init.data"]
                #[used(compiler)]
                static ADDRESSABLE: extern "C" fn() -> $crate::__kernel::ffi::c_int = init_module;
            }
        };
    };
}

/// Calls a function when the module is unloaded.
///
/// Equivalent to `module_exit()`. Takes the name of a `fn()` of the same module, which runs in
/// process context and may sleep. Built-in code is not unloaded: there it is checked and left out.
#[macro_export]
macro_rules! module_exit {
    ($function:ident) => {
        #[allow(dead_code)]
        const _: fn() = $function;

        #[cfg(MODULE)]
        const _: () = {
            mod $function {
                #[no_mangle]
                #[link_section = ".exit.text"]
                extern "C" fn cleanup_module() {
                    super::$function();
                }

                $crate::__named_after_module!(cleanup_module);

                #[link_section = ".exit.data"]
                #[used(compiler)]
                static ADDRESSABLE: extern "C" fn() = cleanup_module;
            }
        };
    };
}

/// Says what a module is: `module!` of the `kernel` crate without a type.
///
/// For modules that name their functions with [`module_init!`](crate::module_init) or another
/// initcall, and [`module_exit!`](crate::module_exit). At the root of the crate, once.
///
/// Equivalent to `MODULE_AUTHOR()`, `MODULE_DESCRIPTION()` and `MODULE_LICENSE()`. The name is the
/// prefix of what the module prints.
///
/// # Examples
///
/// ```ignore
/// module_info! {
///     name: "rust_initcall",
///     authors: ["The tally developers"],
///     description: "Sample of kernel_ext: initcalls",
///     license: "GPL",
/// }
///
/// fn start() -> Result {
///     Ok(())
/// }
/// module_init!(start);
/// ```
#[macro_export]
macro_rules! module_info {
    (
        name: $name:literal,
        authors: [$($author:literal),+ $(,)?],
        description: $description:literal,
        license: $license:literal $(,)?
    ) => {
        /// Holds the prefix of what the print macros print.
        const __LOG_PREFIX: &[$crate::__core::primitive::u8] =
            $crate::__core::concat!($name, "\0").as_bytes();

        $($crate::__modinfo!($name, "author=", $author);)+
        $crate::__modinfo!($name, "description=", $description);
        $crate::__modinfo!($name, "license=", $license);

        // Of built-in code only, for modules.builtin.
        #[cfg(not(MODULE))]
        $crate::__modinfo!($name, "file=", $crate::__core::env!("RUST_MODFILE"));
    };
}

/// Puts a string into `.modinfo`.
///
/// Those of built-in code have the module's name before them.
#[doc(hidden)]
#[macro_export]
macro_rules! __modinfo {
    ($name:literal, $tag:literal, $value:expr) => {
        const _: () = {
            const __TEXT: &$crate::__core::primitive::str = if $crate::__core::cfg!(MODULE) {
                $crate::__core::concat!($tag, $value, "\0")
            } else {
                $crate::__core::concat!($name, ".", $tag, $value, "\0")
            };

            #[link_section = ".modinfo"]
            #[used(compiler)]
            static __MODINFO: [$crate::__core::primitive::u8; __TEXT.len()] =
                $crate::initcall::bytes(__TEXT);
        };
    };
}

/// Returns the bytes of a string of that length.
#[doc(hidden)]
pub const fn bytes<const N: usize>(text: &str) -> [u8; N] {
    match text.as_bytes().first_chunk() {
        Some(bytes) => *bytes,
        None => panic!("the length is that of the text"),
    }
}
