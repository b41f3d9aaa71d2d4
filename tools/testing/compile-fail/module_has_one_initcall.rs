// SPDX-License-Identifier: GPL-2.0

//! A loadable module has one initcall, whatever levels its functions name.
//! error: symbol `init_module` is already defined

use kernel::prelude::*;
use kernel_ext::{
    core_initcall,
    late_initcall, //
};

core_initcall!(first);
fn first() -> Result {
    Ok(())
}

late_initcall!(second);
fn second() -> Result {
    Ok(())
}
