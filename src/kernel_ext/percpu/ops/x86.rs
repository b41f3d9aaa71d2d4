// SPDX-License-Identifier: GPL-2.0

//! Per-CPU operations of x86-64: instructions relative to gs.
//!
//! C header: [`arch/x86/include/asm/percpu.h`](srctree/arch/x86/include/asm/percpu.h)
//!
//! While a CPU is in the kernel its segment register gs has the distance from a per-CPU address to
//! the CPU's own copy. So an instruction whose memory operand is gs plus that address works on the
//! copy of whichever CPU executes it.
//!
//! The table of instructions is in [`__percpu_storage!`](crate::__percpu_storage), and how an
//! instruction of each width is written in `x86/asm.rs`. These are macros because an instruction that
//! holds a symbol can only be written where the symbol is: each static variable gets functions of its
//! own. What need not stand there is in functions here. The names that the macros bring along begin
//! with two underscores, and all others are paths from `$crate`, so that nothing of the user's is
//! taken for them.

mod asm;

use super::{
    flavour::Flavour,
    storage::Storage,
    value::PerCpuValue, //
};

/// Names what an instruction of one byte works on.
///
/// Macros cannot call the integers by their names, which may be other types where a variable is
/// defined.
#[doc(hidden)]
pub type U8 = u8;

/// Names what an instruction of two bytes works on.
#[doc(hidden)]
pub type U16 = u16;

/// Names what an instruction of four bytes works on.
#[doc(hidden)]
pub type U32 = u32;

/// Names what an instruction of eight bytes works on.
#[doc(hidden)]
pub type U64 = u64;

/// Makes a word of a value that was loaded.
#[doc(hidden)]
#[inline(always)]
pub fn word(value: impl Into<u64>) -> u64 {
    value.into()
}

/// Returns the lower and the upper word of two.
#[doc(hidden)]
#[inline(always)]
pub fn halves(words: u128) -> (u64, u64) {
    // CAST: A word of two.
    (words as u64, (words >> 64) as u64)
}

/// Joins two words, of which `high` is the upper one.
#[doc(hidden)]
#[inline(always)]
pub fn joined(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Changes a value to `new`, and returns what was there before.
///
/// The instruction `xchg` would lock the bus, so, as in C, a copy is compared and exchanged until
/// nothing came in between.
///
/// # Safety
///
/// As for the functions of [`Storage`](crate::percpu::Storage).
#[doc(hidden)]
#[inline(always)]
pub unsafe fn xchg<P: Storage, T: PerCpuValue, F: Flavour, const OFFSET: usize>(
    var: usize,
    new: T,
) -> T {
    // SAFETY: By the function's contract, which is that of `load`.
    let mut old = unsafe { P::load::<T, F, OFFSET>(var) };

    if F::RAW {
        // SAFETY: By the function's contract, which is that of `store`.
        unsafe { P::store::<T, F, OFFSET>(var, new) };
        return old;
    }

    loop {
        // SAFETY: By the function's contract, which is that of `cmpxchg`.
        let found = unsafe { P::cmpxchg::<T, F, OFFSET>(var, old, new) };
        if found == old {
            return old;
        }
        old = found;
    }
}

/// Implements `Storage` by instructions whose memory operand is `$memory`.
///
/// In `$memory` `{__var}` or the like is what `$how` gives, and `{__offset}` is that of the field.
/// `cmpxchg16b` has an operand of its own, which must keep out of the registers that the instruction
/// takes.
///
/// In the table a row is a function of `Storage`: which values it is for, its instruction, what the
/// instruction does with a register, and what C calls the operation. With `none` there is no
/// register. With `in` the register's value goes to memory or is added to it, and so on; with `out`
/// it is what memory holds; with `inout` both; with `acc` it goes to memory if the accumulator is
/// what memory holds, which the accumulator has afterwards.
///
/// Who writes the `unsafe` vouches for it that the operands are a variable at `$address`.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_storage {
    (unsafe $storage:ty, $var:ident => $address:expr,
     [$memory:literal, $($how:tt)*], [$memory128:literal, $($how128:tt)*]) => {
        #[allow(unused_variables)]
        // SAFETY: Each function is a single instruction on gs plus the variable's address, which is
        // this CPU's copy. It can be interrupted neither by a change of CPU nor by another access
        // from this CPU. Width and registers go by `core`'s `size_of` of the value's type.
        unsafe impl $crate::percpu::Storage for $storage {
            #[inline(always)]
            fn address($var: $crate::__core::primitive::usize) -> $crate::__core::primitive::usize {
                $address
            }

            $crate::__percpu_operations! {
                [$var, $memory, $($how)*]
                // Function     values  instruction  register    in C
                fn load:        value,  "mov",       out;     // this_cpu_read()
                fn store:       value,  "mov",       in;      // this_cpu_write()
                fn inc:         int,    "inc",       none;    // this_cpu_inc()
                fn dec:         int,    "dec",       none;    // this_cpu_dec()
                fn add:         int,    "add",       in;      // this_cpu_add()
                fn sub:         int,    "sub",       in;      // this_cpu_sub(), an add of -value
                fn and:         int,    "and",       in;      // this_cpu_and()
                fn or:          int,    "or",        in;      // this_cpu_or()
                fn add_return:  int,    "xadd",      inout;   // this_cpu_add_return()
                fn cmpxchg:     value,  "cmpxchg",   acc;     // this_cpu_cmpxchg()
            }

            #[inline(always)]
            unsafe fn xchg<
                __T: $crate::percpu::PerCpuValue,
                __F: $crate::percpu::Flavour,
                const __OFFSET: $crate::__core::primitive::usize,
            >(
                $var: $crate::__core::primitive::usize,
                __new: __T,
            ) -> __T {
                // SAFETY: By the contract of `Storage`, which is that of the function.
                unsafe { $crate::percpu::x86::xchg::<Self, __T, __F, __OFFSET>($var, __new) }
            }

            #[inline(always)]
            unsafe fn cmpxchg128<const __OFFSET: $crate::__core::primitive::usize>(
                __has: $crate::percpu::HasCmpxchg128,
                $var: $crate::__core::primitive::usize,
                __old: $crate::__core::primitive::u128,
                __new: $crate::__core::primitive::u128,
            ) -> $crate::__core::primitive::u128 {
                // SAFETY: By the contract of `Storage` there are 16 bytes, aligned. The CPU has the
                // instruction, by the invariant of `HasCmpxchg128`.
                unsafe { $crate::__percpu_asm128!(__old, __new, $memory128, $($how128)*) }
            }
        }
    };
}

/// Makes a function of each row of a table.
///
/// What is the same for all, the variable and its operand, stands before the table in brackets.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_operations {
    ($operand:tt $(fn $name:ident: $values:ident, $insn:literal, $register:tt;)*) => {
        $($crate::__percpu_fn!($values, fn $name, $register, $insn, $operand);)*
    };
}
