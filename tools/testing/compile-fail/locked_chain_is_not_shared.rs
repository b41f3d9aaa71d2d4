// SPDX-License-Identifier: GPL-2.0

//! A chain that is locked is called by the one who locked it: its subscribers may sleep.
//! error: `*mut ()` cannot be shared between threads safely

use kernel::sync::lock::mutex::MutexBackend;
use kernel_ext::{
    cpu::CpusHeld,
    notifier::{
        Chain,
        Event,
        Raw, //
    },
    smp::on_each_cpu, //
};

struct Beep;

impl Event for Beep {
    type Backend = Raw<u32, MutexBackend>;
    type Data<'a> = u32;

    fn action(_data: &u32) -> usize {
        1
    }
}

#[no_mangle]
fn main(chain: &Chain<Beep>, cpus: &CpusHeld) {
    let locked = chain.lock();

    let _ = on_each_cpu(cpus, |_irq| {
        let _ = locked.call(1);
    });
}
