// SPDX-License-Identifier: GPL-2.0

//! The hotplug lock is released by who took it.
//! error: `*mut ()` cannot be sent between threads safely

use kernel_ext::cpu::CpusReadGuard;

fn send<T: Send>() {}

fn main() {
    send::<CpusReadGuard>();
}
