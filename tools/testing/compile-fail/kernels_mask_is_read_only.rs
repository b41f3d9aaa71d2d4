// SPDX-License-Identifier: GPL-2.0

//! Nobody but the kernel brings a CPU up by setting a bit.
//! error: cannot borrow data in a `&` reference as mutable

use kernel_ext::cpumask;

fn main() {
    for cpu in cpumask::possible().iter() {
        cpumask::online().set(cpu);
    }
}
