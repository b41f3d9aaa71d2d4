// SPDX-License-Identifier: GPL-2.0

//! Sixteen bytes at once, in each place.

use kernel::prelude::*;
use kernel_ext::{
    define_per_cpu,
    per_cpu_struct,
    percpu::{
        get_cpu,
        Flavour,
        HasCmpxchg128,
        PerCpu,
        PerCpuBox,
        Storage, //
    }, //
};

use super::operations::neighbours;
use crate::ktap::{
    expect,
    Case,
    Failure,
    Outcome, //
};

define_per_cpu! {
    static STATIC: u128 = 0;
    static INITIAL: u128 = VALUES[3];
    static STATIC_STRUCT: Struct = Struct { before: !0, value: 0, after: !0 };
}

per_cpu_struct! {
    struct Struct {
        before: u64,
        value: u128,
        after: u64,
    }
}

/// Values that differ in one half, in the other, and in both.
const VALUES: [u128; 5] = [
    0,
    1,
    1 << 64,
    0x0123_4567_89ab_cdef_fedc_ba98_7654_3210,
    u128::MAX,
];

pub(super) static CASES: &[Case] = &[
    ("u128 static", || pairs(&STATIC)),
    ("u128 static, initial value", || {
        same(
            "cmpxchg128 tells",
            INITIAL.cmpxchg128(has()?, 0, 0),
            VALUES[3],
        )
    }),
    ("u128 static, by address", || pairs(STATIC.as_allocated())),
    ("u128 static struct", || {
        pairs(&STATIC_STRUCT.value)?;
        neighbours(STATIC_STRUCT.before.read(), STATIC_STRUCT.after.read(), !0)
    }),
    ("u128 box", || pairs(&*boxed()?)),
    ("u128 box, raw", || pairs(boxed()?.raw())),
    ("u128 boxed struct", || {
        let variable = PerCpuBox::new(GFP_KERNEL, |_| Struct {
            before: !0,
            value: 0,
            after: !0,
        })?;

        pairs(&variable.value)?;
        neighbours(variable.before.read(), variable.after.read(), !0)
    }),
    ("u128 by calls of C", || pairs(boxed()?.as_generic())),
];

fn boxed() -> Result<PerCpuBox<u128>, Failure> {
    Ok(PerCpuBox::zeroed(GFP_KERNEL)?)
}

/// The guests' CPUs have the instruction.
fn has() -> Result<HasCmpxchg128, Failure> {
    Ok(HasCmpxchg128::get().ok_or(ENODEV)?)
}

/// Compares both halves.
fn same(operation: &'static str, found: u128, wanted: u128) -> Outcome {
    // CAST: A half of two.
    expect(operation, found as u64, wanted as u64)?;
    expect(operation, (found >> 64) as u64, (wanted >> 64) as u64)
}

/// Exchanges, with each pair of values.
fn pairs<P: Storage, const OFFSET: usize, F: Flavour>(var: &PerCpu<u128, P, OFFSET, F>) -> Outcome {
    let has = has()?;
    let _pin = get_cpu();

    let mut last = var.cmpxchg128(has, 0, 0);
    for a in VALUES {
        for b in VALUES {
            expect(
                "try_cmpxchg128",
                var.try_cmpxchg128(has, &mut last, a),
                true,
            )?;
            last = a;

            let fits = a == b;
            same("cmpxchg128 returns", var.cmpxchg128(has, b, !a), a)?;
            if fits {
                last = !a;
            }
            same("cmpxchg128 leaves", var.cmpxchg128(has, 0, 0), last)?;

            let mut old = !last;
            expect(
                "try_cmpxchg128 says",
                var.try_cmpxchg128(has, &mut old, 5),
                false,
            )?;
            same("try_cmpxchg128 tells", old, last)?;
        }
    }
    Ok(())
}
