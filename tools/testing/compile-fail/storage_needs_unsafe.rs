// SPDX-License-Identifier: GPL-2.0

//! No safe code says where a per-CPU variable is.
//! error: no rules expected `Storage`

use kernel_ext::__percpu_static_storage;

enum Storage {}

static ANYWHERE: u64 = 0;

__percpu_static_storage!(Storage, ANYWHERE);
