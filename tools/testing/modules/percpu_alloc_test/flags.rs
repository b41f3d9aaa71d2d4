// SPDX-License-Identifier: GPL-2.0

//! What the allocator does about flags.

use kernel::{
    alloc::{
        flags::__GFP_ZERO,
        Flags, //
    },
    prelude::*, //
};
use kernel_ext::percpu::{
    get_cpu,
    Array,
    PerCpuBox,
    PerCpuCounter, //
};

use crate::{
    ktap::{
        expect,
        Case,
        Outcome, //
    },
    memory::errno, //
};

pub(crate) const CASES: &[Case] = &[
    ("GFP_ATOMIC does where sleeping is forbidden", atomic),
    ("GFP_NOWAIT ends, quietly, where GFP_KERNEL goes on", nowait),
    (
        "GFP_KERNEL_ACCOUNT ends, quietly, at the cgroup's limit",
        accounted,
    ),
    ("flags that cannot be passed on are refused", refused),
];

/// Flags without a name of their own: part of what `GFP_KERNEL` has.
fn refused() -> Outcome {
    let io = GFP_KERNEL & !GFP_NOWAIT;

    let wanted = EINVAL.to_errno().unsigned_abs();

    expect("a box", errno(PerCpuBox::<u64>::zeroed(io)), wanted)?;
    expect(
        "an array",
        errno(Array::<u64>::zeroed(1, GFP_KERNEL | io | __GFP_ZERO)),
        0,
    )?;
    expect(
        "an array",
        errno(Array::<u64>::zeroed(1, !GFP_KERNEL)),
        wanted,
    )?;

    let counter = KBox::pin_init(PerCpuCounter::new(0, io), GFP_KERNEL);
    expect("a counter", errno(counter), wanted)
}

/// As much as there can be in one allocation.
const LEN: usize = 4096;

/// Allocates up to `most` arrays.
fn fill(held: &mut KVec<Array<u64>>, most: usize, flags: Flags) -> Outcome {
    held.clear();
    while held.len() < most {
        let Ok(array) = Array::zeroed(LEN, flags) else {
            break;
        };
        held.push_within_capacity(array).map_err(Error::from)?;
    }
    Ok(())
}

fn atomic() -> Outcome {
    let pin = get_cpu();
    let boxed = PerCpuBox::new(GFP_ATOMIC, |cpu| cpu.as_u32())?;

    expect("this CPU's copy", boxed.read(), pin.cpu().as_u32())
}

fn nowait() -> Outcome {
    const MANY: usize = 256;
    let mut held = KVec::with_capacity(MANY, GFP_KERNEL)?;

    let pin = get_cpu();
    fill(&mut held, MANY, GFP_NOWAIT)?;
    drop(pin);

    expect("an end", held.len() < MANY, true)?;
    Array::<u64>::zeroed(LEN, GFP_KERNEL)?;
    Ok(())
}

fn accounted() -> Outcome {
    // Twice what the cgroup may have, even on one CPU.
    const MANY: usize = (32 << 20) / (LEN * size_of::<u64>());
    let mut held = KVec::with_capacity(MANY, GFP_KERNEL)?;

    fill(&mut held, MANY, GFP_KERNEL_ACCOUNT)?;
    expect(
        "an end (is this read in a cgroup of 16 MiB?)",
        held.len() < MANY,
        true,
    )?;

    // What is not charged is not limited.
    let more = held.len().saturating_add(1);
    fill(&mut held, more, GFP_KERNEL)?;
    expect("arrays that are not charged", held.len(), more)
}
