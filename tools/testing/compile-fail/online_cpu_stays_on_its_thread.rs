// SPDX-License-Identifier: GPL-2.0

//! Another thread runs on another CPU.
//! error: `*mut ()` cannot be sent between threads safely

use kernel_ext::cpuhp::OnlineCpu;

fn send<T: Send>() {}

fn main() {
    send::<OnlineCpu<'_>>();
}
