// SPDX-License-Identifier: GPL-2.0

//! Interrupts and NMIs hammer per-CPU variables that a task changes: nothing may be lost.
//!
//! Loading it does the work; /proc/percpu_hammer shows what came out, in KTAP.

mod slots;

use kernel::{
    error::to_result,
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::{
    cpu::{
        cpus_read_lock,
        CpusReadGuard, //
    },
    cpumask::PossibleCpu,
    percpu::HasCmpxchg128,
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};

use slots::{
    lay_out_pairs,
    Check,
    Context,
    Hits,
    CHECKS, //
};

module! {
    type: PerCpuHammer,
    name: "percpu_hammer",
    authors: ["The tally developers"],
    description: "Interrupts and NMIs hammer per-CPU variables",
    license: "GPL",
}

extern "C" {
    fn percpu_hammer_run() -> c_int;
    fn percpu_hammer_hits(cpu: c_uint, context: c_uint) -> u64;
}

/// How often a CPU was hit, as contexts.c counted it.
fn hits(cpu: PossibleCpu) -> Hits {
    // SAFETY: The CPU is possible.
    let [task, irq, nmi] = [Context::Task, Context::Irq, Context::Nmi]
        .map(|context| unsafe { percpu_hammer_hits(cpu.as_u32(), context as c_uint) });

    Hits { task, irq, nmi }
}

/// The plan, and then a line for each check.
struct Report;

impl SeqOperations for Report {
    type Guard = CpusReadGuard;

    fn start(&self, _opener: Opener<'_>) -> CpusReadGuard {
        cpus_read_lock()
    }

    fn seek(&self, _: &CpusReadGuard, pos: usize) -> Option<usize> {
        (pos < CHECKS.len().saturating_add(1)).then_some(pos)
    }

    fn show(&self, cpus: &CpusReadGuard, index: usize, m: &SeqFile) -> Result {
        let Some(Check {
            name,
            found,
            is_right,
        }) = index.checked_sub(1).and_then(|index| CHECKS.get(index))
        else {
            seq_print!(m, "KTAP version 1\n1..{}\n", CHECKS.len());
            for cpu in cpus.online() {
                let Hits { task, irq, nmi } = hits(cpu);
                seq_print!(
                    m,
                    "# CPU {cpu}: {task} times a task, {irq} interrupts, {nmi} NMIs\n"
                );
            }
            return Ok(());
        };

        let mut verdict = "ok";
        for cpu in cpus.online() {
            let found = found(cpu);
            if !is_right(found, hits(cpu)) {
                seq_print!(m, "# CPU {cpu}: found {found}\n");
                verdict = "not ok";
            }
        }
        seq_print!(m, "{verdict} {index} {name}\n");
        Ok(())
    }
}

#[pin_data]
struct PerCpuHammer {
    #[pin]
    report: procfs::Registration<Report>,
}

impl kernel::InPlaceModule for PerCpuHammer {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            // SAFETY: May be called where one may sleep.
            to_result(unsafe { percpu_hammer_run() })?;
            let has = HasCmpxchg128::get().ok_or(ENODEV)?;
            lay_out_pairs(&cpus_read_lock(), has)?;

            Ok(try_pin_init!(Self {
                report <- procfs::Registration::new(c"percpu_hammer", 0o444, Report),
            }? Error))
        })
    }
}
