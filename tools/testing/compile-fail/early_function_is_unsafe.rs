// SPDX-License-Identifier: GPL-2.0

//! A function that is called before there is memory to allocate is to be vouched for.
//! error: nearly nothing may be called so early

use kernel::prelude::*;
use kernel_ext::early_param;

fn widgets(_value: Option<&CStr>) -> Result {
    KBox::new(1, GFP_KERNEL)?;
    Ok(())
}
early_param!("widgets", widgets);
