// SPDX-License-Identifier: GPL-2.0

//! A CPU's lock is given back on that CPU.
//! error: `*mut ()` cannot be sent between threads safely

use kernel_ext::percpu::LocalLockGuard;

fn send<T: Send>() {}

fn main() {
    send::<LocalLockGuard<'static, u32>>();
}
