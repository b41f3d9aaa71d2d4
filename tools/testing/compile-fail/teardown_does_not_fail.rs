// SPDX-License-Identifier: GPL-2.0

//! A CPU that is dead stays dead, whatever its callbacks would say to that.
//! error: method `dead` has an incompatible type for trait

use kernel::prelude::*;
use kernel_ext::cpuhp::{
    DeadCpu,
    Prepare, //
};

struct Objects;

impl Prepare for Objects {
    fn dead(&self, _cpu: &DeadCpu<'_>) -> Result {
        Err(EBUSY)
    }
}
