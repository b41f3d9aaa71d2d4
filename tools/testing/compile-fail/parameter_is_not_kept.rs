// SPDX-License-Identifier: GPL-2.0

//! A parameter's function cannot keep what it was told: the command line's copy goes. A loadable
//! module has no parameter, and its function is checked all the same.
//! error: mismatched types

use kernel::prelude::*;
use kernel_ext::early_param;

fn keep(_value: Option<&'static CStr>) -> Result {
    Ok(())
}
early_param!(unsafe "keep", keep);
