// SPDX-License-Identifier: GPL-2.0

//! A pin is worth nothing on another thread.
//! error: `*mut ()` cannot be sent between threads safely

use kernel_ext::percpu::CpuPin;

fn send<T: Send>() {}

fn main() {
    send::<CpuPin>();
}
