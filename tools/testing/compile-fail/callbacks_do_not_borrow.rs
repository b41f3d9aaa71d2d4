// SPDX-License-Identifier: GPL-2.0

//! A state that is leaked calls its callbacks for ever.
//! error: the parameter type `T` may not live long enough

use kernel_ext::cpuhp::Prepare;

struct Borrows<T>(T);

impl<T: Send + Sync> Prepare for Borrows<T> {}
