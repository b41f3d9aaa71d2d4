// SPDX-License-Identifier: GPL-2.0

//! Callbacks run in the threads of several CPUs.
//! error: `Cell<u64>` cannot be shared between threads safely

use core::cell::Cell;

use kernel_ext::cpuhp::Online;

struct Local(Cell<u64>);

impl Online for Local {}
