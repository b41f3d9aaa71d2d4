// SPDX-License-Identifier: GPL-2.0

//! Sample: sets of CPUs. Each CPU that is online answers, and work goes to those in turn.

use kernel::prelude::*;
use kernel_ext::{
    cpu::{
        cpus_read_lock,
        CpusHeld, //
    },
    cpumask::{
        self,
        CpuMaskArray,
        CpuMaskVar, //
    },
    percpu::PerCpuBox,
    smp::on_each_cpu, //
};

module! {
    type: RustCpuMask,
    name: "rust_cpumask",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: sets of CPUs",
    license: "GPL",
}

/// Returns the CPUs that answer.
fn ask(cpus: &CpusHeld) -> Result<CpuMaskVar> {
    let answered = PerCpuBox::<bool>::zeroed(GFP_KERNEL)?;
    on_each_cpu(cpus, |irq| answered.pinned(irq).write(true))?;

    let mut mask = CpuMaskVar::new(GFP_KERNEL)?;
    for cpu in cpumask::possible().iter() {
        if answered.read_remote(cpu) {
            mask.set(cpu);
        }
    }
    Ok(mask)
}

struct RustCpuMask;

impl kernel::Module for RustCpuMask {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // No CPU comes or goes while this is there.
        let cpus = cpus_read_lock();
        let answered = ask(&cpus)?;

        // This one has room for all CPUs that the kernel could have, and so cannot fail.
        let mut silent = CpuMaskArray::new();
        silent.copy_from(cpumask::possible());
        if silent.andnot(&answered) {
            pr_info!("CPUs {answered} answer, CPUs {silent} do not\n");
        } else {
            pr_info!("CPUs {answered} answer\n");
        }

        let first = answered.first().ok_or(ENODEV)?;
        let start = answered.next(first).unwrap_or(first);
        for (job, cpu) in answered.iter_wrap(start).enumerate() {
            pr_info!("job {job} goes to CPU {cpu}\n");
        }
        Ok(Self)
    }
}
