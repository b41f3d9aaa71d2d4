// SPDX-License-Identifier: GPL-2.0

//! Per-CPU operations of x86-64: instructions relative to gs.
//!
//! C header: [`arch/x86/include/asm/percpu.h`](srctree/arch/x86/include/asm/percpu.h)
//!
//! These are macros because an instruction that holds a symbol can only be written where the symbol
//! is: each static variable gets functions of its own. What need not stand there is in functions
//! here. The names that the macros bring along begin with two underscores, and all others are paths
//! from `$crate`, so that nothing of the user's is taken for them.

use super::{
    flavour::Flavour,
    storage::Storage,
    value::PerCpuValue, //
};

/// What an instruction of one width works on. Macros cannot call the integers by their names, which
/// may be other types where a variable is defined.
#[doc(hidden)]
pub type U8 = u8;
#[doc(hidden)]
pub type U16 = u16;
#[doc(hidden)]
pub type U32 = u32;
#[doc(hidden)]
pub type U64 = u64;

/// A value that was loaded, as a word.
#[doc(hidden)]
#[inline(always)]
pub fn word(value: impl Into<u64>) -> u64 {
    value.into()
}

/// The lower and the upper word of two.
#[doc(hidden)]
#[inline(always)]
pub fn halves(words: u128) -> (u64, u64) {
    // CAST: A word of two.
    (words as u64, (words >> 64) as u64)
}

/// Two words, of which `high` is the upper one.
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
/// As for the functions of `Storage`.
#[doc(hidden)]
#[inline(always)]
pub unsafe fn xchg<P: Storage, T: PerCpuValue, F: Flavour, const OFFSET: usize>(
    var: usize,
    new: T,
) -> T {
    // SAFETY: By the function's contract.
    let mut old = unsafe { P::load::<T, F, OFFSET>(var) };

    if F::RAW {
        // SAFETY: By the function's contract.
        unsafe { P::store::<T, F, OFFSET>(var, new) };
        return old;
    }

    loop {
        // SAFETY: By the function's contract.
        let found = unsafe { P::cmpxchg::<T, F, OFFSET>(var, old, new) };
        if found == old {
            return old;
        }
        old = found;
    }
}

/// Implements `Storage` by instructions whose memory operand is `$memory`. In it `{__var}` or the like
/// is what `$how` gives, and `{__offset}` is that of the field. `cmpxchg16b` has an operand of its
/// own, which must keep out of the registers that the instruction takes.
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

            $crate::__percpu_fn!(fn load($var) -> T, $memory, $($how)*);
            $crate::__percpu_fn!(fn store($var, __value), "mov", $memory, $($how)*);
            $crate::__percpu_fn!(fn inc($var), "inc", $memory, $($how)*);
            $crate::__percpu_fn!(fn dec($var), "dec", $memory, $($how)*);
            $crate::__percpu_fn!(fn add($var, __value), "add", $memory, $($how)*);
            $crate::__percpu_fn!(fn sub($var, __value), "sub", $memory, $($how)*);
            $crate::__percpu_fn!(fn and($var, __value), "and", $memory, $($how)*);
            $crate::__percpu_fn!(fn or($var, __value), "or", $memory, $($how)*);
            $crate::__percpu_fn!(fn add_return($var, __value) -> T, "xadd", $memory, $($how)*);
            $crate::__percpu_fn!(fn cmpxchg($var, __old, __new) -> T, "cmpxchg", $memory, $($how)*);

            #[inline(always)]
            unsafe fn xchg<
                __T: $crate::percpu::PerCpuValue,
                __F: $crate::percpu::Flavour,
                const __OFFSET: $crate::__core::primitive::usize,
            >(
                $var: $crate::__core::primitive::usize,
                __new: __T,
            ) -> __T {
                // SAFETY: By the contract of `Storage`.
                unsafe { $crate::percpu::x86::xchg::<Self, __T, __F, __OFFSET>($var, __new) }
            }

            #[inline(always)]
            unsafe fn cmpxchg128<const __OFFSET: $crate::__core::primitive::usize>(
                __has: $crate::percpu::HasCmpxchg128,
                $var: $crate::__core::primitive::usize,
                __old: $crate::__core::primitive::u128,
                __new: $crate::__core::primitive::u128,
            ) -> $crate::__core::primitive::u128 {
                // SAFETY: By the contract of `Storage`, and the CPU has the instruction.
                unsafe { $crate::__percpu_asm128!(__old, __new, $memory128, $($how128)*) }
            }
        }
    };
}

/// A function of `Storage`, by its signature.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_fn {
    (fn $name:ident($var:ident), $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $crate::percpu::PerCpuValue,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
        ) {
            // SAFETY: By the contract of `Storage`.
            unsafe { $crate::__percpu_width!(__T, unary(0), $($asm)*) };
        }
    };
    (fn $name:ident($var:ident) -> T, $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $crate::percpu::PerCpuValue,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
        ) -> __T {
            // SAFETY: By the contract of `Storage`; the bytes that were loaded are a `__T`.
            unsafe {
                <__T as $crate::percpu::PerCpuValue>::from_word(
                    $crate::__percpu_width!(__T, load, $($asm)*)
                )
            }
        }
    };
    (fn $name:ident($var:ident, $value:ident), $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $crate::percpu::PerCpuValue,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
            $value: __T,
        ) {
            let $value = <__T as $crate::percpu::PerCpuValue>::into_word($value);

            // SAFETY: By the contract of `Storage`.
            unsafe { $crate::__percpu_width!(__T, binary($value), $($asm)*) };
        }
    };
    (fn $name:ident($var:ident, $value:ident) -> T, $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $crate::percpu::PerCpuInt,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
            $value: __T,
        ) -> __T {
            let __word = <__T as $crate::percpu::PerCpuValue>::into_word($value);

            // SAFETY: By the contract of `Storage`; the bytes that were there are a `__T`.
            let __before = unsafe {
                <__T as $crate::percpu::PerCpuValue>::from_word(
                    $crate::__percpu_width!(__T, exchange(__word), $($asm)*)
                )
            };
            <__T as $crate::percpu::PerCpuInt>::plus(__before, $value)
        }
    };
    (fn $name:ident($var:ident, $old:ident, $new:ident) -> T, $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $crate::percpu::PerCpuValue,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
            $old: __T,
            $new: __T,
        ) -> __T {
            let $old = <__T as $crate::percpu::PerCpuValue>::into_word($old);
            let $new = <__T as $crate::percpu::PerCpuValue>::into_word($new);

            // SAFETY: By the contract of `Storage`; the bytes that were there are a `__T`.
            unsafe {
                <__T as $crate::percpu::PerCpuValue>::from_word(
                    $crate::__percpu_width!(__T, compare($old, $new), $($asm)*)
                )
            }
        }
    };
}

/// An instruction for each width, of which the size of `T` leaves one.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_width {
    ($T:ty, load, $($asm:tt)*) => {
        match $crate::__core::mem::size_of::<$T>() {
            // Zero-extended, as gcc does, so as not to wait for the register's old upper bytes.
            1 => $crate::__percpu_asm!(load, "movzx", "byte", $crate::percpu::x86::U32, ":e", $($asm)*),
            2 => $crate::__percpu_asm!(load, "movzx", "word", $crate::percpu::x86::U32, ":e", $($asm)*),
            4 => $crate::__percpu_asm!(load, "mov", "dword", $crate::percpu::x86::U32, ":e", $($asm)*),
            _ => $crate::__percpu_asm!(load, "mov", "qword", $crate::percpu::x86::U64, ":r", $($asm)*),
        }
    };
    ($T:ty, $kind:ident($($word:expr),*), $($asm:tt)*) => {
        match $crate::__core::mem::size_of::<$T>() {
            1 => $crate::__percpu_asm!(
                $kind($($word),*), "byte", $crate::percpu::x86::U8, reg_byte, "", "al", $($asm)*
            ),
            2 => $crate::__percpu_asm!(
                $kind($($word),*), "word", $crate::percpu::x86::U16, reg, ":x", "ax", $($asm)*
            ),
            4 => $crate::__percpu_asm!(
                $kind($($word),*), "dword", $crate::percpu::x86::U32, reg, ":e", "eax", $($asm)*
            ),
            _ => $crate::__percpu_asm!(
                $kind($($word),*), "qword", $crate::percpu::x86::U64, reg, ":r", "rax", $($asm)*
            ),
        }
    };
}

/// An instruction of one width: what is read comes back as a word, what is written is the lower
/// bytes of one.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_asm {
    (unary($_:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " ", $size, " ptr ", $memory),
            $($how)*,
            __offset = const __OFFSET,
            options(nostack),
        )
    };
    (load, $insn:literal, $size:literal, $int:ty, $fmt:literal,
     $memory:literal, $($how:tt)*) => {{
        let __value: $int;
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " {__value", $fmt, "}, ", $size, " ptr ", $memory),
            $($how)*,
            __offset = const __OFFSET,
            __value = out(reg) __value,
            options(nostack),
        );
        $crate::percpu::x86::word(__value)
    }};
    (binary($word:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " ", $size, " ptr ", $memory, ", {__value", $fmt, "}"),
            $($how)*,
            __offset = const __OFFSET,
            __value = in($class) $word as $int,
            options(nostack),
        )
    };
    (exchange($word:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {{
        let __value: $int;
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " ", $size, " ptr ", $memory, ", {__value", $fmt, "}"),
            $($how)*,
            __offset = const __OFFSET,
            __value = inout($class) $word as $int => __value,
            options(nostack),
        );
        $crate::percpu::x86::word(__value)
    }};
    (compare($old:expr, $new:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {{
        let __value: $int;
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " ", $size, " ptr ", $memory, ", {__new", $fmt, "}"),
            $($how)*,
            __offset = const __OFFSET,
            __new = in($class) $new as $int,
            inout($acc) $old as $int => __value,
            options(nostack),
        );
        $crate::percpu::x86::word(__value)
    }};
}

/// `cmpxchg16b`, which takes rdx:rax and rcx:rbx. LLVM keeps rbx to itself, so it is lent for one
/// instruction.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_asm128 {
    ($old:ident, $new:ident, $memory:literal, $($how:tt)*) => {{
        let (mut __low, mut __high) = $crate::percpu::x86::halves($old);
        let (__new_low, __new_high) = $crate::percpu::x86::halves($new);

        $crate::__core::arch::asm!(
            "xchg rbx, rsi",
            $crate::__core::concat!("cmpxchg16b xmmword ptr ", $memory),
            "mov rbx, rsi",
            __offset = const __OFFSET,
            $($how)*,
            inout("rsi") __new_low => _,
            in("rcx") __new_high,
            inout("rax") __low,
            inout("rdx") __high,
            options(nostack),
        );
        $crate::percpu::x86::joined(__low, __high)
    }};
}
