// SPDX-License-Identifier: GPL-2.0

//! A parameter is stored in an atomic itself: what derefs to one would run code of its own.
//! error: in constant functions

use core::ops::Deref;

use kernel::{
    prelude::*,
    sync::atomic::Atomic, //
};
use kernel_ext::early_param;

static SEVEN: Atomic<u64> = Atomic::new(7);

struct Lazy;

impl Deref for Lazy {
    type Target = Atomic<u64>;

    fn deref(&self) -> &Atomic<u64> {
        let _ = KBox::new(7, GFP_KERNEL);
        &SEVEN
    }
}

static LAZY: Lazy = Lazy;

const fn seven(_value: Option<&CStr>) -> Result<u64> {
    Ok(7)
}
early_param!("lazy", LAZY, seven);
