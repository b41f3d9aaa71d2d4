// SPDX-License-Identifier: GPL-2.0

//! Masks of the CPUs of this machine.

use kernel::{
    cpu::nr_cpu_ids,
    prelude::*, //
};
use kernel_ext::cpumask::{
    self,
    CpuMask,
    CpuMaskArray,
    CpuMaskVar,
    PossibleCpu, //
};

use super::model::{
    expect,
    Outcome, //
};

type Check = (&'static str, fn() -> Outcome);

pub(crate) const CHECKS: [Check; 5] = [
    ("the kernel's masks are subsets of each other", inclusions),
    ("numbers that are no possible CPU are refused", numbers),
    ("walks of masks", walks),
    ("a mask on the stack", || own(&mut CpuMaskArray::new())),
    ("an allocated mask", || {
        own(&mut CpuMaskVar::new(GFP_KERNEL)?)
    }),
];

const NAMES: [&str; 2] = ["masks", ""];

fn inclusions() -> Outcome {
    let possible = cpumask::possible();

    expect("CPUs", NAMES, possible.empty(), false)?;
    expect(
        "CPUs past nr_cpu_ids",
        NAMES,
        possible.iter().any(|cpu| cpu.as_u32() >= nr_cpu_ids()),
        false,
    )?;
    for (smaller, larger) in [
        (cpumask::present(), possible),
        (cpumask::enabled(), cpumask::present()),
        (cpumask::online(), cpumask::enabled()),
        (cpumask::active(), cpumask::online()),
        (cpumask::dying(), possible),
    ] {
        expect("subset", NAMES, smaller.subset(larger), true)?;
    }
    // Nobody goes down meanwhile.
    expect(
        "intersects",
        NAMES,
        cpumask::dying().intersects(cpumask::online()),
        false,
    )
}

fn numbers() -> Outcome {
    // Past the end of the mask, in its last word and in those that follow.
    for number in 0..nr_cpu_ids() + 130 {
        let cpu = PossibleCpu::new(number).map(|cpu| cpu.as_u32() as usize);
        let wanted = cpumask::possible()
            .iter()
            .any(|cpu| cpu.as_u32() == number)
            .then_some(number as usize);
        expect("PossibleCpu::new", NAMES, cpu, wanted)?;
    }
    expect(
        "the highest number",
        NAMES,
        PossibleCpu::new(u32::MAX).is_some(),
        false,
    )
}

fn number(cpu: Option<PossibleCpu>) -> Option<usize> {
    cpu.map(|cpu| cpu.as_u32() as usize)
}

fn walks() -> Outcome {
    for mask in [cpumask::possible(), cpumask::online()] {
        let mut previous = None;
        for cpu in mask.iter() {
            expect("test", NAMES, mask.test(cpu), true)?;
            let next = match previous {
                None => mask.first(),
                Some(previous) => mask.next(previous),
            };
            expect("next", NAMES, number(next), number(Some(cpu)))?;
            previous = Some(cpu);

            // Each walk from here sees all, and this one first.
            let wrapped = mask.iter_wrap(cpu);
            expect("iter_wrap", NAMES, wrapped.count(), mask.weight() as usize)?;
            let first = mask.iter_wrap(cpu).next();
            expect(
                "the first of iter_wrap",
                NAMES,
                number(first),
                number(Some(cpu)),
            )?;
        }
        let last = previous.and_then(|last| mask.next(last));
        expect("next of the last", NAMES, number(last), None)?;
        expect("iter", NAMES, mask.iter().count(), mask.weight() as usize)?;
    }
    Ok(())
}

/// What an own and empty mask must do.
fn own(mask: &mut CpuMask) -> Outcome {
    let possible = cpumask::possible();
    expect("an empty mask", NAMES, mask.empty(), true)?;
    expect("first of none", NAMES, number(mask.first()), None)?;

    let mut weight = 0_usize;
    for cpu in possible.iter() {
        mask.set(cpu);
        weight += 1;
        expect("set", NAMES, mask.test(cpu), true)?;
        expect("weight", NAMES, mask.weight() as usize, weight)?;
    }
    expect("equal", NAMES, mask.equal(possible), true)?;

    let clone = CpuMaskVar::try_clone(mask, GFP_KERNEL)?;
    expect("the clone", NAMES, clone.equal(possible), true)?;

    let left = mask.andnot(cpumask::online());
    expect("andnot returns", NAMES, left, !mask.empty())?;
    expect("andnot", NAMES, mask.intersects(cpumask::online()), false)?;
    mask.or(cpumask::online());
    expect("or", NAMES, mask.equal(&clone), true)?;
    expect("and returns", NAMES, mask.and(cpumask::online()), true)?;
    expect("and", NAMES, mask.equal(cpumask::online()), true)?;

    for cpu in cpumask::online().iter() {
        mask.clear(cpu);
        expect("clear", NAMES, mask.test(cpu), false)?;
    }
    expect("all cleared", NAMES, mask.empty(), true)?;
    mask.copy_from(possible);
    expect("copy_from", NAMES, mask.equal(possible), true)
}
