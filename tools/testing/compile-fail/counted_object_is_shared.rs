// SPDX-License-Identifier: GPL-2.0

//! What is referred to from everywhere must be safe to share.
//! error: `Cell<u32>` cannot be shared between threads safely

use core::cell::Cell;
use kernel_ext::percpu::Counted;

struct Disk(Cell<u32>);

impl Counted for Disk {}
