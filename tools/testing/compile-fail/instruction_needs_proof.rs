// SPDX-License-Identifier: GPL-2.0

//! Nobody can claim that the CPU has an instruction without asking it.
//! error: cannot initialize a tuple struct which contains private fields

use kernel_ext::{
    define_per_cpu,
    percpu::HasCmpxchg128, //
};

define_per_cpu! {
    static PAIR: u128 = 0;
}

fn main() {
    PAIR.cmpxchg128(HasCmpxchg128(()), 0, 1);
}
