// SPDX-License-Identifier: GPL-2.0

//! Alignment, and cache lines that are not shared.

use kernel::prelude::*;
use kernel_ext::{
    cpumask,
    define_per_cpu,
    per_cpu_struct,
    percpu::{
        Array,
        PerCpuBox,
        PerCpuShared, //
    }, //
};

use super::memory::address;
use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

/// A struct of each alignment, and a case for it.
macro_rules! aligned {
    ($($name:ident: $align:literal;)*) => {
        $(
            per_cpu_struct! {
                #[repr(align($align))]
                struct $name {
                    value: u8,
                }
            }
        )*

        pub(crate) const CASES: &[Case] = &[
            $((concat!("what is aligned to ", $align, " is aligned"), || {
                aligned($align, || $name { value: 1 })
            }),)*
            ("static variables have cache lines of their own", static_lines),
            ("boxes have cache lines of their own", boxed_lines),
        ];
    };
}

aligned! {
    Align8: 8;
    Align16: 16;
    Align32: 32;
    Align64: 64;
    Align128: 128;
    Align1024: 1024;
    Align4096: 4096;
}

/// What an allocated variable of any kind has to be a multiple of.
fn aligned<T: Send + Sync>(align: usize, value: fn() -> T) -> Outcome {
    let remainder = |address: usize| address & align.wrapping_sub(1);

    // Memory that nobody aligned can be aligned by luck. What lies between is no multiple of the
    // alignment, so that luck does not last for all rounds.
    let mut held = KVec::new();
    for _ in 0..4 {
        let between = Array::<u64>::zeroed(align / 8 + 1, GFP_KERNEL)?;
        let boxed = PerCpuBox::new(GFP_KERNEL, |_| value())?;
        let array = Array::new(3, GFP_KERNEL, |_, _| value())?;
        let shared = PerCpuShared::new(GFP_KERNEL, |_| Ok(value()))?;

        expect("a box's remainder", remainder(address(&boxed)), 0)?;
        for element in (0..3).filter_map(|index| array.get(index)) {
            expect("an element's remainder", remainder(address(element)), 0)?;
        }
        for cpu in cpumask::possible().iter() {
            let copy = core::ptr::from_ref(shared.get_remote(cpu)).addr();
            expect("a copy's remainder", remainder(copy), 0)?;
        }
        held.push((between, boxed, array, shared), GFP_KERNEL)?;
    }
    Ok(())
}

define_per_cpu! {
    static BEFORE: u8 = 1;
    static LINE: Align64 = Align64 { value: 2 };
    static BETWEEN: u32 = 3;
    static OTHER_LINE: Align64 = Align64 { value: 4 };
    static AFTER: u8 = 5;
}

/// The cache line of an address.
fn line(address: usize) -> usize {
    address / 64
}

fn static_lines() -> Outcome {
    let own = [
        address(LINE.value.as_allocated()),
        address(OTHER_LINE.value.as_allocated()),
    ];
    let others = [
        address(BEFORE.as_allocated()),
        address(BETWEEN.as_allocated()),
        address(AFTER.as_allocated()),
    ];

    expect("its remainder", own[0] % 64, 0)?;
    expect("the other one's", own[1] % 64, 0)?;
    expect(
        "their values",
        (LINE.value.read(), OTHER_LINE.value.read()) == (2, 4),
        true,
    )?;
    lines_differ(&own, &others)
}

fn boxed_lines() -> Outcome {
    let mut own = [0; 16];
    let mut others = [0; 16];
    let mut held = KVec::with_capacity(16, GFP_KERNEL)?;

    for (own, other) in own.iter_mut().zip(&mut others) {
        let boxes = (
            PerCpuBox::new(GFP_KERNEL, |_| 0u8)?,
            PerCpuBox::new(GFP_KERNEL, |_| Align64 { value: 0 })?,
        );
        *other = address(&boxes.0);
        *own = address(&boxes.1);
        held.push(boxes, GFP_KERNEL)?;
    }
    lines_differ(&own, &others)
}

/// No two of `own`, nor one of them and one of `others`, are in the same line.
fn lines_differ(own: &[usize], others: &[usize]) -> Outcome {
    for (index, &one) in own.iter().enumerate() {
        let later = own.iter().skip(index.wrapping_add(1));
        let shared = Iterator::chain(later, others)
            .filter(|&&other| line(other) == line(one))
            .count();
        expect("who else is in the line", shared, 0)?;
    }
    Ok(())
}
