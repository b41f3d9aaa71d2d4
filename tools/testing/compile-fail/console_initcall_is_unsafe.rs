// SPDX-License-Identifier: GPL-2.0

//! A function that is called when consoles are set up is to be vouched for.
//! error: little may be called when consoles are set up

use kernel::prelude::*;
use kernel_ext::console_initcall;

fn console() -> Result {
    Ok(())
}
console_initcall!(console);
