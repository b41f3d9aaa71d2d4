// SPDX-License-Identifier: GPL-2.0

//! What is hammered, and what must come out.

use kernel::prelude::*;
use kernel_ext::{
    cpu::CpusReadGuard,
    cpumask::PossibleCpu,
    define_per_cpu,
    per_cpu_struct,
    percpu::{
        HasCmpxchg128,
        PerCpu,
        Storage, //
    },
    smp::on_each_cpu, //
};

extern "C" {
    fn percpu_hammer_window();
}

/// Where a hit comes from: the numbers of contexts.h.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Context {
    Task = 0,
    Irq = 1,
    Nmi = 2,
}

/// How often a CPU was hit.
#[derive(Clone, Copy)]
pub(crate) struct Hits {
    pub(crate) task: u64,
    pub(crate) irq: u64,
    pub(crate) nmi: u64,
}

impl Hits {
    fn all(self) -> u64 {
        self.task.wrapping_add(self.irq).wrapping_add(self.nmi)
    }
}

per_cpu_struct! {
    /// Changed once by each hit.
    struct Slots {
        count: u64,
        sum: u32,
        down: u16,
        // Neighbours that a context each changes.
        by_task: u8,
        by_irq: u8,
        by_nmi: u8,
        flags: u32,
        returned: u64,
        compared: u64,
        // What the task takes out of the pot.
        pot: u64,
        taken: u64,
        pair: u128,
        pair_low: u64,
        pair_high: u64,
        // Loaded and stored by two instructions.
        split: u64,
    }
}

impl Slots {
    const EMPTY: Self = Self {
        count: 0,
        sum: 0,
        down: 0,
        by_task: 0,
        by_irq: 0,
        by_nmi: 0,
        flags: 0,
        returned: 0,
        compared: 0,
        pot: 0,
        taken: 0,
        pair: 0,
        pair_low: 0,
        pair_high: 0,
        split: 0,
    };
}

define_per_cpu! {
    static STATIC: Slots = Slots::EMPTY;
    static BY_ADDRESS: Slots = Slots::EMPTY;
}

/// A hit, from contexts.c.
#[no_mangle]
extern "C" fn percpu_hammer_hit(context: c_uint) {
    let context = match context {
        0 => Context::Task,
        1 => Context::Irq,
        _ => Context::Nmi,
    };

    hit(&STATIC, context);
    hit(BY_ADDRESS.as_allocated(), context);
}

/// Changes all that there is, in each way that there is.
fn hit<P: Storage>(slots: &PerCpu<Slots, P>, context: Context) {
    slots.count.inc();
    slots.sum.add(3);
    slots.down.dec();
    match context {
        Context::Task => slots.by_task.inc(),
        Context::Irq => slots.by_irq.inc(),
        Context::Nmi => slots.by_nmi.inc(),
    }

    let flag = 1 << context as u32;
    slots.flags.or(flag);
    slots.flags.and(!flag);

    slots.returned.add_return(1);
    let mut old = slots.compared.read();
    while {
        let new = old.wrapping_add(1);
        !slots.compared.try_cmpxchg(&mut old, new)
    } {}

    slots.pot.inc();
    if context == Context::Task {
        slots.taken.add(slots.pot.xchg(0));
    }

    if let Some(has) = HasCmpxchg128::get() {
        let mut old = 0u128;
        while {
            let new = old.wrapping_add((1 << 64) | 1);
            !slots.pair.try_cmpxchg128(has, &mut old, new)
        } {}
    }

    let split = slots.split.read();
    // SAFETY: May be called anywhere.
    unsafe { percpu_hammer_window() };
    slots.split.write(split.wrapping_add(1));
}

/// Lays the halves of pairs where other CPUs can read them.
pub(crate) fn lay_out_pairs(cpus: &CpusReadGuard, has: HasCmpxchg128) -> Result {
    fn lay_out<P: Storage>(slots: &PerCpu<Slots, P>, has: HasCmpxchg128) {
        let pair = slots.pair.cmpxchg128(has, 0, 0);

        // CAST: A half each.
        slots.pair_low.write(pair as u64);
        slots.pair_high.write((pair >> 64) as u64);
    }

    on_each_cpu(cpus, |_irq| {
        lay_out(&STATIC, has);
        lay_out(BY_ADDRESS.as_allocated(), has);
    })
}

/// What a CPU must have in the end.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) found: fn(PossibleCpu) -> u64,
    pub(crate) is_right: fn(u64, Hits) -> bool,
}

/// A check of a field in either place.
macro_rules! checks {
    ($($name:literal: |$slots:ident, $cpu:ident| $found:expr, |$value:ident, $hits:ident| $right:expr;)*) => {
        pub(crate) const CHECKS: &[Check] = &[$(
            Check {
                name: concat!("static: ", $name),
                found: |$cpu| { let $slots = &STATIC; $found },
                is_right: |$value, $hits| $right,
            },
            Check {
                name: concat!("by address: ", $name),
                found: |$cpu| { let $slots = BY_ADDRESS.as_allocated(); $found },
                is_right: |$value, $hits| $right,
            },
        )*];
    };
}

// CAST: Narrow fields wrap around.
checks! {
    "inc()":
        |slots, cpu| slots.count.read_remote(cpu),
        |found, hits| found == hits.all();
    "add() of four bytes":
        |slots, cpu| slots.sum.read_remote(cpu).into(),
        |found, hits| found == u64::from(hits.all().wrapping_mul(3) as u32);
    "dec() of two bytes":
        |slots, cpu| slots.down.read_remote(cpu).into(),
        |found, hits| found == u64::from(hits.all().wrapping_neg() as u16);
    "inc() of a byte, its neighbours changed by interrupts":
        |slots, cpu| slots.by_task.read_remote(cpu).into(),
        |found, hits| found == u64::from(hits.task as u8);
    "inc() of a byte in interrupts":
        |slots, cpu| slots.by_irq.read_remote(cpu).into(),
        |found, hits| found == u64::from(hits.irq as u8);
    "inc() of a byte in NMIs":
        |slots, cpu| slots.by_nmi.read_remote(cpu).into(),
        |found, hits| found == u64::from(hits.nmi as u8);
    "or(), and()":
        |slots, cpu| slots.flags.read_remote(cpu).into(),
        |found, _hits| found == 0;
    "add_return()":
        |slots, cpu| slots.returned.read_remote(cpu),
        |found, hits| found == hits.all();
    "try_cmpxchg()":
        |slots, cpu| slots.compared.read_remote(cpu),
        |found, hits| found == hits.all();
    "xchg()":
        |slots, cpu| slots.taken.read_remote(cpu).wrapping_add(slots.pot.read_remote(cpu)),
        |found, hits| found == hits.all();
    "try_cmpxchg128(), lower half":
        |slots, cpu| slots.pair_low.read_remote(cpu),
        |found, hits| found == hits.all();
    "try_cmpxchg128(), upper half":
        |slots, cpu| slots.pair_high.read_remote(cpu),
        |found, hits| found == hits.all();
    "a load and a store lose, so the hammer hits":
        |slots, cpu| slots.split.read_remote(cpu),
        |found, hits| found < hits.all();
}
