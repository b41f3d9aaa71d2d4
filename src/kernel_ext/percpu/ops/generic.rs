// SPDX-License-Identifier: GPL-2.0

//! Per-CPU operations of every architecture: a call of C for each.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)
//!
//! C has a macro for each operation and flavour, which chooses a width by the type of its argument.
//! `src/helpers/percpu.c` has a function for each macro, which chooses by a size instead. A value
//! goes there and comes back as a word, of which the lower bytes count.

use super::{
    flavour::Flavour,
    value::{
        PerCpuInt,
        PerCpuValue, //
    }, //
};
use crate::bindings;

/// Defines a function for each row of a table.
macro_rules! calls {
    ($(
        fn $name:ident($($arg:ident),*) $(-> $returned:ident)?, $bound:ident,
        $this_cpu:ident, $raw_cpu:ident;
    )*) => {$(
        /// Calls C for the operation of flavour `F` on this CPU's copy of what is at `var`.
        ///
        /// # Safety
        ///
        /// `var` must be the per-CPU address of an aligned `T`, which every possible CPU has an
        /// initialised copy of during the call. Others may access copies by single instructions alone.
        pub(super) unsafe fn $name<T: $bound, F: Flavour>(
            var: usize
            $(, $arg: T)*
        ) $(-> $returned)? {
            let call = if F::RAW {
                bindings::$raw_cpu
            } else {
                bindings::$this_cpu
            };

            // SAFETY: By the function's contract `size_of::<T>()` bytes at `var` are there on each
            // CPU, aligned to that size, as `T` is a `PerCpuValue`: this is what C accesses. What it
            // returns are the bytes of a `T`: either those that were there, or, where the row says
            // `PerCpuInt`, a sum, and for that type all bytes are a value.
            unsafe { value!($($returned,)? call(var, size_of::<T>() $(, $arg.into_word())*)) }
        }
    )*};
}

/// Takes the word that C returned, if it returns one, for a value of the type.
macro_rules! value {
    ($returned:ident, $call:expr) => {
        $returned::from_word($call)
    };
    ($call:expr) => {
        $call
    };
}

calls! {
    // Function and arguments       values       without an interrupt, with one in its middle
    fn load() -> T,                 PerCpuValue, this_cpu_read,        raw_cpu_read;
    fn store(value),                PerCpuValue, this_cpu_write,       raw_cpu_write;
    fn inc(),                       PerCpuInt,   this_cpu_inc,         raw_cpu_inc;
    fn dec(),                       PerCpuInt,   this_cpu_dec,         raw_cpu_dec;
    fn add(value),                  PerCpuInt,   this_cpu_add,         raw_cpu_add;
    fn sub(value),                  PerCpuInt,   this_cpu_sub,         raw_cpu_sub;
    fn and(mask),                   PerCpuInt,   this_cpu_and,         raw_cpu_and;
    fn or(mask),                    PerCpuInt,   this_cpu_or,          raw_cpu_or;
    fn add_return(value) -> T,      PerCpuInt,   this_cpu_add_return,  raw_cpu_add_return;
    fn xchg(new) -> T,              PerCpuValue, this_cpu_xchg,        raw_cpu_xchg;
    fn cmpxchg(old, new) -> T,      PerCpuValue, this_cpu_cmpxchg,     raw_cpu_cmpxchg;
}

/// Compares and exchanges 16 bytes with interrupts off, NMIs excepted, and returns what was there.
///
/// # Safety
///
/// As for the functions above, with a `u128`.
pub(super) unsafe fn cmpxchg128(var: usize, mut old: u128, mut new: u128) -> u128 {
    // SAFETY: By the function's contract 16 bytes at `var` are there on each CPU, aligned. C reads
    // 16 bytes through each pointer, and leaves what was there in `old`.
    unsafe { bindings::this_cpu_cmpxchg128(var, (&raw mut old).cast(), (&raw mut new).cast()) };
    old
}
