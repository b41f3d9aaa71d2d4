// SPDX-License-Identifier: GPL-2.0

//! What rustc makes of kernel_ext's per-CPU operations: the counterparts of gcc.c, for comparison.

use kernel::macros::paste;
use kernel_ext::{
    define_per_cpu,
    per_cpu_struct,
    percpu::{
        HasCmpxchg128,
        PerCpu, //
    }, //
};

macro_rules! width {
    ($ty:ident) => {
        paste! {
            per_cpu_struct! {
                #[doc = "Two, of which the second is not at the beginning."]
                pub struct [<Pair $ty:upper>] {
                    first: $ty,
                    second: $ty,
                }
            }

            define_per_cpu! {
                static [<VAR_ $ty:upper>]: $ty = 0;
                static [<PAIR_ $ty:upper>]: [<Pair $ty:upper>] =
                    [<Pair $ty:upper>] { first: 0, second: 0 };
            }

            operations!($ty, [<static_ $ty>], ([<VAR_ $ty:upper>]),);
            operations!($ty, [<address_ $ty>], (p), p: &PerCpu<$ty>,);
            operations!($ty, [<static_field_ $ty>], ([<PAIR_ $ty:upper>].second),);
            operations!($ty, [<address_field_ $ty>], (p.second), p: &PerCpu<[<Pair $ty:upper>]>,);
        }
    };
}

macro_rules! operations {
    ($ty:ident, $place:ident, ($($var:tt)+), $($p:ident: $ref:ty,)?) => {
        function!($place, read, -> $ty, ($($p: $ref,)?), $($var)+.read());
        function!($place, inc, -> (), ($($p: $ref,)?), $($var)+.inc());
        function!($place, dec, -> (), ($($p: $ref,)?), $($var)+.dec());
        function!($place, inc_return, -> $ty, ($($p: $ref,)?), $($var)+.inc_return());
        function!($place, dec_return, -> $ty, ($($p: $ref,)?), $($var)+.dec_return());
        function!($place, write, -> (), ($($p: $ref,)? a: $ty), $($var)+.write(a));
        function!($place, add, -> (), ($($p: $ref,)? a: $ty), $($var)+.add(a));
        function!($place, sub, -> (), ($($p: $ref,)? a: $ty), $($var)+.sub(a));
        function!($place, and, -> (), ($($p: $ref,)? a: $ty), $($var)+.and(a));
        function!($place, or, -> (), ($($p: $ref,)? a: $ty), $($var)+.or(a));
        function!($place, add_return, -> $ty, ($($p: $ref,)? a: $ty), $($var)+.add_return(a));
        function!($place, sub_return, -> $ty, ($($p: $ref,)? a: $ty), $($var)+.sub_return(a));
        function!($place, xchg, -> $ty, ($($p: $ref,)? a: $ty), $($var)+.xchg(a));
        function!($place, raw_xchg, -> $ty, ($($p: $ref,)? a: $ty), $($var)+.raw().xchg(a));
        function!($place, raw_add, -> (), ($($p: $ref,)? a: $ty), $($var)+.raw().add(a));
        function!($place, cmpxchg, -> $ty, ($($p: $ref,)? a: $ty, b: $ty), $($var)+.cmpxchg(a, b));
        function!($place, try_cmpxchg, -> bool, ($($p: $ref,)? a: &mut $ty, b: $ty),
            $($var)+.try_cmpxchg(a, b));
    };
}

/// A function that is found by its name in the object file.
macro_rules! function {
    ($place:ident, $name:ident, -> $ret:ty, ($($arg:ident: $ty:ty),* $(,)?), $body:expr) => {
        paste! {
            #[doc = "For comparison with gcc's function of this name."]
            #[no_mangle]
            pub fn [<rust_ $name _ $place>]($($arg: $ty),*) -> $ret {
                $body
            }
        }
    };
}

width!(u8);
width!(u16);
width!(u32);
width!(u64);

define_per_cpu! {
    static VAR_U128: u128 = 0;
}

function!(static_u128, cmpxchg128, -> u128, (has: HasCmpxchg128, a: u128, b: u128),
    VAR_U128.cmpxchg128(has, a, b));
function!(address_u128, cmpxchg128, -> u128, (p: &PerCpu<u128>, has: HasCmpxchg128, a: u128, b: u128),
    p.cmpxchg128(has, a, b));
