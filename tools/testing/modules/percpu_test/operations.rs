// SPDX-License-Identifier: GPL-2.0

//! What each operation must do to a variable, whatever its place.

use kernel_ext::{
    cpumask,
    percpu::{
        get_cpu,
        Flavour,
        PerCpu,
        PerCpuInt,
        PerCpuValue,
        Storage, //
    }, //
};

use crate::ktap::{
    Failure,
    Outcome, //
};

/// A type with values that are worth a try, and the arithmetic that the operations must agree with.
pub(crate) trait Sample: PerCpuValue {
    const VALUES: &'static [Self];

    /// To be shown; values of a type differ if this does.
    fn show(self) -> u64;
}

pub(crate) trait Arithmetic: Sample + PerCpuInt {
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn both(self, other: Self) -> Self;
    fn either(self, other: Self) -> Self;
    const ONE: Self;
}

macro_rules! arithmetic {
    ($($int:ty)*) => {$(
        impl Sample for $int {
            // Ends, their neighbours, and bytes that all differ.
            const VALUES: &'static [Self] = &[
                0,
                1,
                <$int>::MAX,
                <$int>::MIN,
                <$int>::MAX - 1,
                <$int>::MAX / 3,
                (0x0123_4567_89ab_cdef_u64 >> (64 - <$int>::BITS)) as $int,
                (0xfedc_ba98_7654_3210_u64 >> (64 - <$int>::BITS)) as $int,
            ];

            #[allow(clippy::cast_lossless)] // For some of the types it is.
            fn show(self) -> u64 {
                self as u64
            }
        }

        impl Arithmetic for $int {
            const ONE: Self = 1;

            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            fn both(self, other: Self) -> Self {
                self & other
            }

            fn either(self, other: Self) -> Self {
                self | other
            }
        }
    )*};
}

arithmetic! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }

impl Sample for bool {
    const VALUES: &'static [Self] = &[false, true];

    fn show(self) -> u64 {
        self.into()
    }
}

impl Sample for *mut u8 {
    const VALUES: &'static [Self] = &[
        core::ptr::null_mut(),
        core::ptr::without_provenance_mut(1),
        core::ptr::without_provenance_mut(0x1234_5678_9abc_def0),
        core::ptr::without_provenance_mut(usize::MAX),
    ];

    fn show(self) -> u64 {
        // CAST: Widening.
        self.addr() as u64
    }
}

fn expect<T: Sample>(operation: &'static str, found: T, wanted: T) -> Outcome {
    if found == wanted {
        return Ok(());
    }
    Err(Failure::new(operation, wanted.show(), found.show()))
}

/// A variable's neighbours are what they were.
pub(super) fn neighbours<T: Sample>(before: T, after: T, wanted: T) -> Outcome {
    expect("the neighbour before", before, wanted)?;
    expect("the neighbour after", after, wanted)
}

/// Reads, writes and exchanges, with each pair of values.
pub(crate) fn values<T: Sample, P: Storage, const OFFSET: usize, F: Flavour>(
    var: &PerCpu<T, P, OFFSET, F>,
) -> Outcome {
    // So that what is read comes from the CPU that wrote it.
    let pin = get_cpu();

    for &a in T::VALUES {
        for &b in T::VALUES {
            var.write(a);
            expect("write, read", var.read(), a)?;
            expect("write, read_remote", var.read_remote(pin.cpu()), a)?;

            expect("xchg returns", var.xchg(b), a)?;
            expect("xchg leaves", var.read(), b)?;

            var.write(a);
            expect("cmpxchg that fits returns", var.cmpxchg(a, b), a)?;
            expect("cmpxchg that fits leaves", var.read(), b)?;
            expect("cmpxchg returns", var.cmpxchg(a, a), b)?;
            expect("cmpxchg leaves", var.read(), if a == b { a } else { b })?;

            var.write(a);
            let mut old = b;
            let swapped = var.try_cmpxchg(&mut old, b);
            expect("try_cmpxchg says", swapped, a == b)?;
            expect("try_cmpxchg tells", old, a)?;
            expect("try_cmpxchg leaves", var.read(), a)?;
        }
    }
    Ok(())
}

/// Arithmetic, with each pair of values: all of them wrap.
pub(crate) fn arithmetic<T: Arithmetic, P: Storage, const OFFSET: usize, F: Flavour>(
    var: &PerCpu<T, P, OFFSET, F>,
) -> Outcome {
    let one = <T as Arithmetic>::ONE;
    let _pin = get_cpu();

    for &a in T::VALUES {
        let after = |operation: fn(&PerCpu<T, P, OFFSET, F>)| {
            var.write(a);
            operation(var);
            var.read()
        };
        expect("inc", after(PerCpu::inc), Arithmetic::plus(a, one))?;
        expect("dec", after(PerCpu::dec), a.minus(one))?;

        var.write(a);
        expect("inc_return", var.inc_return(), Arithmetic::plus(a, one))?;
        expect("dec_return", var.dec_return(), a)?;

        for &b in T::VALUES {
            let after = |operation: fn(&PerCpu<T, P, OFFSET, F>, T)| {
                var.write(a);
                operation(var, b);
                var.read()
            };
            expect("add", after(PerCpu::add), Arithmetic::plus(a, b))?;
            expect("sub", after(PerCpu::sub), a.minus(b))?;
            expect("and", after(PerCpu::and), a.both(b))?;
            expect("or", after(PerCpu::or), a.either(b))?;

            var.write(a);
            expect("add_return", var.add_return(b), Arithmetic::plus(a, b))?;
            expect("add_return leaves", var.read(), Arithmetic::plus(a, b))?;
            expect("sub_return", var.sub_return(b), a)?;
            expect("sub_return leaves", var.read(), a)?;
        }
    }

    // Every other CPU's copy was left alone.
    var.write(T::VALUES[0]);
    expect("sum", var.sum(cpumask::possible().iter()), T::VALUES[0])
}
