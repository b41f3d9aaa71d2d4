// SPDX-License-Identifier: GPL-2.0

//! A macro for each level of initcalls.

/// Defines the macros: `#[doc] name, level, in a loadable module`.
///
/// The first argument is a dollar, which a macro that defines macros cannot write by itself.
macro_rules! levels {
    ($d:tt $($(#[$attr:meta])* $name:ident, $level:literal, $loadable:ident;)*) => {$(
        $(#[$attr])*
        ///
        /// Takes the name of a `fn() -> Result` of the same module. It runs in the first task with
        /// interrupts on, and may sleep. An error is told by `initcall_debug` and has no other
        /// effect; in a loadable module it makes loading fail.
        #[macro_export]
        macro_rules! $name {
            ($d function:ident) => {
                #[cfg(not(MODULE))]
                $crate::__initcall!($d function, $level);

                #[cfg(MODULE)]
                $crate::__initcall_loadable!($loadable, $name, $d function);
            };
        }
    )*};
}

levels! {
    $
    /// Calls a function before the other CPUs are brought up.
    ///
    /// Equivalent to `early_initcall()`.
    early_initcall, ".initcallearly", module_init;

    /// Calls a function that has no dependencies on anything else, before those of all other
    /// levels.
    ///
    /// Equivalent to `pure_initcall()`: for built-in code only.
    pure_initcall, ".initcall0", none;

    /// Calls a function at level 1.
    ///
    /// Equivalent to `core_initcall()`.
    core_initcall, ".initcall1", module_init;

    /// Calls a function at the end of level 1.
    ///
    /// Equivalent to `core_initcall_sync()`.
    core_initcall_sync, ".initcall1s", module_init;

    /// Calls a function at level 2.
    ///
    /// Equivalent to `postcore_initcall()`.
    postcore_initcall, ".initcall2", module_init;

    /// Calls a function at the end of level 2.
    ///
    /// Equivalent to `postcore_initcall_sync()`.
    postcore_initcall_sync, ".initcall2s", module_init;

    /// Calls a function at level 3.
    ///
    /// Equivalent to `arch_initcall()`.
    arch_initcall, ".initcall3", module_init;

    /// Calls a function at the end of level 3.
    ///
    /// Equivalent to `arch_initcall_sync()`: C has it for built-in code only.
    arch_initcall_sync, ".initcall3s", none;

    /// Calls a function at level 4.
    ///
    /// Equivalent to `subsys_initcall()`.
    subsys_initcall, ".initcall4", module_init;

    /// Calls a function at the end of level 4.
    ///
    /// Equivalent to `subsys_initcall_sync()`.
    subsys_initcall_sync, ".initcall4s", module_init;

    /// Calls a function at level 5.
    ///
    /// Equivalent to `fs_initcall()`.
    fs_initcall, ".initcall5", module_init;

    /// Calls a function at the end of level 5.
    ///
    /// Equivalent to `fs_initcall_sync()`.
    fs_initcall_sync, ".initcall5s", module_init;

    /// Calls a function between levels 5 and 6, where the root file system is made.
    ///
    /// Equivalent to `rootfs_initcall()`.
    rootfs_initcall, ".initcallrootfs", module_init;

    /// Calls a function at level 6, that of most drivers.
    ///
    /// Equivalent to `device_initcall()`.
    device_initcall, ".initcall6", module_init;

    /// Calls a function at the end of level 6.
    ///
    /// Equivalent to `device_initcall_sync()`.
    device_initcall_sync, ".initcall6s", module_init;

    /// Calls a function at level 7.
    ///
    /// Equivalent to `late_initcall()`.
    late_initcall, ".initcall7", module_init;

    /// Calls a function at the end of level 7, the last of all.
    ///
    /// Equivalent to `late_initcall_sync()`.
    late_initcall_sync, ".initcall7s", module_init;
}

/// Calls a function when consoles are set up, before any level.
///
/// Equivalent to `console_initcall()`. Takes the name of a `fn() -> Result` of the same module, behind
/// `unsafe`. In a loadable module it is [`module_init!`](crate::module_init), and still says so.
///
/// # Safety
///
/// There is one task then, and it must not sleep: neither the function nor what it calls may wait for
/// anything. /proc is not ready, nor are work queues, RCU grace periods and hotplug states; and the
/// function must not keep a [`PossibleCpu`](crate::cpumask::PossibleCpu), because fewer CPUs are
/// possible with `nosmp` later on. Memory can be allocated.
#[macro_export]
macro_rules! console_initcall {
    (unsafe $function:ident) => {
        #[cfg(not(MODULE))]
        $crate::__initcall!($function, ".con_initcall");

        #[cfg(MODULE)]
        $crate::__initcall_loadable!(module_init, module_init, $function);
    };
    ($function:ident) => {
        $crate::__core::compile_error!(
            "little may be called when consoles are set up: say `unsafe`"
        );
    };
}

/// Expands to what a level is in a loadable module.
#[doc(hidden)]
#[macro_export]
macro_rules! __initcall_loadable {
    (module_init, $name:ident, $function:ident) => {
        $crate::module_init!($function);
    };
    (none, $name:ident, $function:ident) => {
        $crate::__core::compile_error!($crate::__core::concat!(
            $crate::__core::stringify!($name),
            "! is for built-in code, there is none in a loadable module"
        ));
    };
}

/// Defines an initcall of built-in code.
#[doc(hidden)]
#[macro_export]
macro_rules! __initcall {
    ($function:ident, $level:literal) => {
        const _: () = {
            mod $function {
                // Called once, and freed with the rest of `.init.text`.
                #[link_section = ".init.text"]
                extern "C" fn initcall() -> $crate::__kernel::ffi::c_int {
                    let __function: fn() -> $crate::__kernel::error::Result = super::$function;

                    $crate::__unlike_others!();
                    $crate::initcall::status(__function())
                }

                $crate::__named_after_module!(initcall);

                #[cfg(CONFIG_HAVE_ARCH_PREL32_RELOCATIONS)]
                $crate::__core::arch::global_asm!(
                    $crate::__core::concat!(".section \"", $level, ".init\", \"a\""),
                    ".long {__initcall} - .",
                    ".previous",
                    __initcall = sym initcall,
                );

                #[cfg(not(CONFIG_HAVE_ARCH_PREL32_RELOCATIONS))]
                #[link_section = $crate::__core::concat!($level, ".init")]
                #[used(compiler)]
                static ENTRY: extern "C" fn() -> $crate::__kernel::ffi::c_int = initcall;
            }
        };
    };
}

/// Prevents LLVM from merging initcalls that do the same: each needs a symbol of its own.
///
/// The comment in the assembly makes their bodies differ.
#[doc(hidden)]
#[macro_export]
macro_rules! __unlike_others {
    () => {
        // SAFETY: This is a comment.
        unsafe {
            $crate::__core::arch::asm!(
                $crate::__core::concat!("# ", $crate::__core::module_path!()),
                options(nomem, nostack, preserves_flags)
            )
        }
    };
}

/// Gives a C function the path of the module that it is in as its symbol.
///
/// A module named after a Rust function makes that the function's path. A path has colons, so it
/// is no name that C or other Rust code refers to. As the symbol is a local one, several modules
/// may have it.
#[doc(hidden)]
#[macro_export]
macro_rules! __named_after_module {
    ($entry:path) => {
        $crate::__core::arch::global_asm!(
            $crate::__core::concat!(".set \"", $crate::__core::module_path!(), "\", {__entry}"),
            __entry = sym $entry,
        );
    };
}
