// SPDX-License-Identifier: GPL-2.0

//! Variables that C defines: those of defined_by_c.c, and one of the kernel's own.

use kernel::{
    bindings,
    prelude::*, //
};
use kernel_ext::{
    cpumask,
    declare_per_cpu,
    percpu::get_cpu, //
};

use super::operations::values;
use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

extern "C" {
    static percpu_test_by_c: u32;

    fn percpu_test_c_adds(value: u32);
    fn percpu_test_c_reads(cpu: c_uint) -> u32;
}

declare_per_cpu! {
    // SAFETY: C defines it so, and changes it by single instructions.
    unsafe static BY_C: u32 = percpu_test_by_c;
    // SAFETY: C sets it at boot and only reads it since, as does this.
    unsafe static CPU_NUMBER: c_int = bindings::cpu_number;
}

pub(super) static CASES: &[Case] = &[
    ("declared, of a module", of_a_module),
    ("declared, of the kernel", of_the_kernel),
];

fn of_a_module() -> Outcome {
    values(&BY_C)?;

    let pin = get_cpu();
    BY_C.write(7);
    // SAFETY: May be called anywhere.
    unsafe { percpu_test_c_adds(5) };
    expect("C adds, Rust reads", BY_C.read(), 12)?;
    BY_C.add(30);
    // SAFETY: The CPU is possible.
    let read = unsafe { percpu_test_c_reads(pin.cpu().as_u32()) };
    expect("Rust adds, C reads", read, 42)?;

    for cpu in cpumask::possible().iter().filter(|cpu| *cpu != pin.cpu()) {
        expect("the initial value", BY_C.read_remote(cpu), 7)?;
    }
    BY_C.write(7);
    Ok(())
}

fn of_the_kernel() -> Outcome {
    let pin = get_cpu();

    // CAST: CPU numbers fit.
    expect("this CPU", CPU_NUMBER.read(), pin.cpu().as_u32() as c_int)?;
    for cpu in cpumask::possible().iter() {
        // CAST: As above.
        expect(
            "any CPU",
            CPU_NUMBER.read_remote(cpu),
            cpu.as_u32() as c_int,
        )?;
    }
    Ok(())
}
