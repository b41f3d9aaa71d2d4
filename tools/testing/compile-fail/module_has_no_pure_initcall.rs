// SPDX-License-Identifier: GPL-2.0

//! A level that C has for built-in code only is no initcall of a loadable module.
//! error: pure_initcall! is for built-in code, there is none in a loadable module

use kernel::prelude::*;
use kernel_ext::pure_initcall;

#[no_mangle]
fn first() -> Result {
    Ok(())
}
pure_initcall!(first);
