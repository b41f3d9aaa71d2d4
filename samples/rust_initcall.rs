// SPDX-License-Identifier: GPL-2.0

//! Sample: functions that the kernel calls at boot, level by level, and its command line.
//!
//! Built in, `initcall_debug` on the kernel's command line shows the eight functions in the order
//! of their levels. A loadable module has one initcall, so there `device` is called when it is
//! loaded, the functions of the other levels are not there, and parameters are not asked for.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::{
    __setup,
    device_initcall,
    early_param,
    module_exit,
    module_info, //
};

module_info! {
    name: "rust_initcall",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: initcalls and early parameters",
    license: "GPL",
}

/// How many functions were called so far.
static CALLED: Atomic<u64> = Atomic::new(0);

/// The value of `rust_initcall_early=`.
static EARLY: Atomic<u64> = Atomic::new(0);

/// The value of `rust_initcall_setup=`.
static SETUP: Atomic<u64> = Atomic::new(0);

// What parses is `const`, as nothing of the kernel is ready when it is called.
const fn number(text: &CStr) -> Option<u64> {
    match text.to_str() {
        Ok(text) => match u64::from_str_radix(text, 10) {
            Ok(number) => Some(number),
            Err(_) => None,
        },
        Err(_) => None,
    }
}
__setup!("rust_initcall_setup=", SETUP, number);

const fn early(value: Option<&CStr>) -> Result<u64> {
    if let Some(text) = value {
        if let Some(number) = number(text) {
            return Ok(number);
        }
    }
    Err(EINVAL)
}
early_param!("rust_initcall_early", EARLY, early);

/// Says which function was called.
fn called(level: &str) -> Result {
    let before = CALLED.fetch_add(1, Relaxed);

    pr_info!("{level} was called after {before} others\n");
    Ok(())
}

fn device() -> Result {
    called("device")?;
    pr_info!(
        "early parameter {}, setup {}\n",
        EARLY.load(Relaxed),
        SETUP.load(Relaxed)
    );
    Ok(())
}
device_initcall!(device);

fn exit() {
    pr_info!("{} functions were called\n", CALLED.load(Relaxed));
}
module_exit!(exit);

/// What is for built-in code alone.
#[cfg(not(MODULE))]
mod boot {
    use super::*;

    use kernel_ext::{
        arch_initcall,
        core_initcall,
        fs_initcall,
        late_initcall,
        postcore_initcall,
        pure_initcall,
        subsys_initcall, //
    };

    fn pure() -> Result {
        called("pure")
    }
    pure_initcall!(pure);

    fn core() -> Result {
        called("core")
    }
    core_initcall!(core);

    fn postcore() -> Result {
        called("postcore")
    }
    postcore_initcall!(postcore);

    fn arch() -> Result {
        called("arch")
    }
    arch_initcall!(arch);

    fn subsys() -> Result {
        called("subsys")
    }
    subsys_initcall!(subsys);

    /// Fails, which `initcall_debug` tells and nobody minds.
    fn fs() -> Result {
        called("fs")?;
        Err(ENODEV)
    }
    fs_initcall!(fs);

    fn late() -> Result {
        called("late")
    }
    late_initcall!(late);
}
