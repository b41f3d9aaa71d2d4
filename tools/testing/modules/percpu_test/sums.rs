// SPDX-License-Identifier: GPL-2.0

//! Sums over CPUs, and functions that run on them.

use kernel::prelude::*;
use kernel_ext::{
    cpu::cpus_read_lock,
    cpumask,
    percpu::{
        PerCpuBox,
        Pinned, //
    },
    smp::on_each_cpu, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(super) static CASES: &[Case] = &[
    ("sums", sums),
    ("sums wrap around", wrap),
    ("on_each_cpu()", each),
];

/// A one for each CPU, so that a sum is a number of CPUs.
fn sums() -> Outcome {
    let ones = PerCpuBox::new(GFP_KERNEL, |_| 1u32)?;
    let cpus = cpus_read_lock();

    let [possible, online] = [cpumask::possible(), cpumask::online()].map(|mask| mask.weight());
    let gone = cpumask::dying()
        .iter()
        .filter(|cpu| !cpumask::online().test(*cpu))
        .fold(0u32, |gone, _| gone.wrapping_add(1));

    expect("sum_possible", ones.sum_possible(), possible)?;
    expect("sum_online", ones.sum_online(&cpus), online)?;
    expect(
        "sum_online_or_dying",
        ones.sum_online_or_dying(),
        online.wrapping_add(gone),
    )?;
    expect("sum", ones.sum(cpumask::online().iter()), online)
}

fn wrap() -> Outcome {
    let bytes = PerCpuBox::new(GFP_KERNEL, |_| 200u8)?;
    // CAST: Bytes wrap around.
    let wanted = cpumask::possible().weight().wrapping_mul(200) as u8;

    expect("sum_possible", bytes.sum_possible(), wanted)
}

/// Each CPU that is online runs it, once, and no other.
fn each() -> Outcome {
    let id = PerCpuBox::new(GFP_KERNEL, |_| !0u32)?;
    let times = PerCpuBox::<u32>::zeroed(GFP_KERNEL)?;
    let cpus = cpus_read_lock();

    on_each_cpu(&cpus, |irq| {
        id.pinned(irq).write(irq.cpu().as_u32());
        times.inc();
    })?;

    for cpu in cpumask::possible().iter() {
        let up = cpumask::online().test(cpu);
        expect(
            "CPU",
            id.read_remote(cpu),
            if up { cpu.as_u32() } else { !0 },
        )?;
        expect("times", times.read_remote(cpu), up.into())?;
    }
    Ok(())
}
