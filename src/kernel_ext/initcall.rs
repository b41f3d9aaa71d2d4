// SPDX-License-Identifier: GPL-2.0

//! Functions that the kernel calls when it boots, and parameters of its command line.
//!
//! C headers: [`include/linux/init.h`](srctree/include/linux/init.h),
//! [`include/linux/module.h`](srctree/include/linux/module.h)
//!
//! Code that is built into the kernel has any number of initcalls, each at a level: the kernel
//! calls all functions of a level before those of the next. A loadable module has one, called when
//! it is loaded. The same source serves for both, and means what it means in C:
//!
//! | macros | built in | in a loadable module |
//! |---|---|---|
//! | [`early_initcall!`], [`console_initcall!`], [`rootfs_initcall!`] | that level | [`module_init!`] |
//! | [`core_initcall!`], [`postcore_initcall!`], [`arch_initcall!`], [`subsys_initcall!`], [`fs_initcall!`], [`device_initcall!`], [`late_initcall!`], their `_sync` but `arch` | that level | [`module_init!`] |
//! | [`pure_initcall!`], [`arch_initcall_sync!`] | that level | does not compile |
//! | [`module_init!`] | [`device_initcall!`] | the module's initcall |
//! | [`module_exit!`] | nothing: it is never unloaded | called when it is unloaded |
//! | [`early_param!`], [`__setup!`] | that parameter | nothing |
//!
//! Two initcalls in a loadable module are one symbol `init_module` defined twice, which does not
//! compile. What belongs to one kind of build stands behind `#[cfg(MODULE)]` or
//! `#[cfg(not(MODULE))]`, as it stands behind `#ifdef MODULE` in C.
//!
//! The macro `module!` of the `kernel` crate defines the module's initcall by itself. A module
//! whose initcalls are functions says its licence with [`module_info!`] instead.
//!
//! Functions of a level run in process context, where kernel_ext is ready, and are safe ones. Those
//! that run earlier could do little without harm: parameters take a `const fn` that parses a value, which
//! an initcall uses later, and [`console_initcall!`] is to be called `unsafe`.
//!
//! All are called by C functions in
//! `.init.text` that have the Rust function's path as their symbol: `initcall_debug` shows it, and
//! `initcall_blacklist=` takes it.
//!
//! [`__setup!`]: crate::__setup
//! [`arch_initcall!`]: crate::arch_initcall
//! [`arch_initcall_sync!`]: crate::arch_initcall_sync
//! [`console_initcall!`]: crate::console_initcall
//! [`core_initcall!`]: crate::core_initcall
//! [`device_initcall!`]: crate::device_initcall
//! [`early_initcall!`]: crate::early_initcall
//! [`early_param!`]: crate::early_param
//! [`fs_initcall!`]: crate::fs_initcall
//! [`late_initcall!`]: crate::late_initcall
//! [`module_exit!`]: crate::module_exit
//! [`module_info!`]: crate::module_info
//! [`module_init!`]: crate::module_init
//! [`postcore_initcall!`]: crate::postcore_initcall
//! [`pure_initcall!`]: crate::pure_initcall
//! [`rootfs_initcall!`]: crate::rootfs_initcall
//! [`subsys_initcall!`]: crate::subsys_initcall

// A loadable kernel_ext has loadable users alone.
#[cfg(not(MODULE))]
mod builtin;
mod levels;
mod module;
mod param;

use kernel::prelude::*;

#[cfg(not(MODULE))]
pub use self::builtin::{
    early,
    handled,
    KernelParam, //
};
pub use self::{
    module::bytes,
    param::{
        check_early,
        check_handled,
        Early,
        Handled, //
    }, //
};

/// Returns what C takes for the result of an initcall.
#[doc(hidden)]
#[inline(always)]
pub fn status(result: Result) -> c_int {
    match result {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}
