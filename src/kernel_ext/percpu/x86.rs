// SPDX-License-Identifier: GPL-2.0

//! Per-CPU operations of x86-64: instructions relative to gs.
//!
//! C header: [`arch/x86/include/asm/percpu.h`](srctree/arch/x86/include/asm/percpu.h)
//!
//! These are macros because an instruction that holds a symbol can only be written where the symbol
//! is: each static variable gets functions of its own.

/// Implements `Place` by instructions whose memory operand is `$memory`. In it `{var}` or the like
/// is what `$how` gives, and `{offset}` is that of the field. `cmpxchg16b` has an operand of its
/// own, which must keep out of the registers that the instruction takes.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_place {
    ($place:ty, $var:ident => $address:expr,
     [$memory:literal, $($how:tt)*], [$memory128:literal, $($how128:tt)*]) => {
        #[allow(unused_variables)]
        // SAFETY: Each function is a single instruction on gs plus the variable's address, which is
        // this CPU's copy. It can be interrupted neither by a change of CPU nor by another access
        // from this CPU. Width and registers go by the size of `T`.
        unsafe impl $crate::percpu::Place for $place {
            #[inline(always)]
            fn address($var: usize) -> usize {
                $address
            }

            $crate::__percpu_fn!(fn load($var) -> T, $memory, $($how)*);
            $crate::__percpu_fn!(fn store($var, value), "mov", $memory, $($how)*);
            $crate::__percpu_fn!(fn inc($var), "inc", $memory, $($how)*);
            $crate::__percpu_fn!(fn dec($var), "dec", $memory, $($how)*);
            $crate::__percpu_fn!(fn add($var, value), "add", $memory, $($how)*);
            $crate::__percpu_fn!(fn sub($var, value), "sub", $memory, $($how)*);
            $crate::__percpu_fn!(fn and($var, value), "and", $memory, $($how)*);
            $crate::__percpu_fn!(fn or($var, value), "or", $memory, $($how)*);
            $crate::__percpu_fn!(fn add_return($var, value) -> T, "xadd", $memory, $($how)*);
            $crate::__percpu_fn!(fn cmpxchg($var, old, new) -> T, "cmpxchg", $memory, $($how)*);

            /// The instruction `xchg` would lock the bus, so, as in C, a copy is compared and
            /// exchanged until nothing came in between.
            #[inline(always)]
            unsafe fn xchg<
                T: $crate::percpu::PerCpuValue,
                F: $crate::percpu::Flavour,
                const OFFSET: usize,
            >(
                $var: usize,
                new: T,
            ) -> T {
                // SAFETY: By the contract of `Place`.
                let mut old = unsafe { Self::load::<T, F, OFFSET>($var) };

                if F::RAW {
                    // SAFETY: By the contract of `Place`.
                    unsafe { Self::store::<T, F, OFFSET>($var, new) };
                    return old;
                }

                loop {
                    // SAFETY: By the contract of `Place`.
                    let found = unsafe { Self::cmpxchg::<T, F, OFFSET>($var, old, new) };
                    if found == old {
                        return old;
                    }
                    old = found;
                }
            }

            #[inline(always)]
            unsafe fn cmpxchg128<const OFFSET: usize>(
                _has: $crate::percpu::HasCmpxchg128,
                $var: usize,
                old: u128,
                new: u128,
            ) -> u128 {
                // SAFETY: By the contract of `Place`, and the CPU has the instruction.
                unsafe { $crate::__percpu_asm128!(old, new, $memory128, $($how128)*) }
            }
        }
    };
}

/// A function of `Place`, by its signature.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_fn {
    (fn $name:ident($var:ident), $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            T: $crate::percpu::PerCpuValue,
            F: $crate::percpu::Flavour,
            const OFFSET: usize,
        >(
            $var: usize,
        ) {
            // SAFETY: By the contract of `Place`.
            unsafe { $crate::__percpu_width!(T, unary(0), $($asm)*) };
        }
    };
    (fn $name:ident($var:ident) -> T, $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            T: $crate::percpu::PerCpuValue,
            F: $crate::percpu::Flavour,
            const OFFSET: usize,
        >(
            $var: usize,
        ) -> T {
            // SAFETY: By the contract of `Place`; the bytes that were loaded are a `T`.
            unsafe { T::from_word($crate::__percpu_width!(T, load, $($asm)*)) }
        }
    };
    (fn $name:ident($var:ident, $value:ident), $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            T: $crate::percpu::PerCpuValue,
            F: $crate::percpu::Flavour,
            const OFFSET: usize,
        >(
            $var: usize,
            $value: T,
        ) {
            // SAFETY: By the contract of `Place`.
            unsafe { $crate::__percpu_width!(T, binary($value.into_word()), $($asm)*) };
        }
    };
    (fn $name:ident($var:ident, $value:ident) -> T, $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            T: $crate::percpu::PerCpuInt,
            F: $crate::percpu::Flavour,
            const OFFSET: usize,
        >(
            $var: usize,
            $value: T,
        ) -> T {
            // SAFETY: By the contract of `Place`; the bytes that were there are a `T`.
            let before = unsafe {
                T::from_word($crate::__percpu_width!(T, exchange($value.into_word()), $($asm)*))
            };
            before.plus($value)
        }
    };
    (fn $name:ident($var:ident, $old:ident, $new:ident) -> T, $($asm:tt)*) => {
        #[inline(always)]
        unsafe fn $name<
            T: $crate::percpu::PerCpuValue,
            F: $crate::percpu::Flavour,
            const OFFSET: usize,
        >(
            $var: usize,
            $old: T,
            $new: T,
        ) -> T {
            let (old, new) = ($old.into_word(), $new.into_word());

            // SAFETY: By the contract of `Place`; the bytes that were there are a `T`.
            unsafe { T::from_word($crate::__percpu_width!(T, compare(old, new), $($asm)*)) }
        }
    };
}

/// An instruction for each width, of which the size of `T` leaves one.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_width {
    ($T:ty, load, $($asm:tt)*) => {
        match size_of::<$T>() {
            // Zero-extended, as gcc does, so as not to wait for the register's old upper bytes.
            1 => $crate::__percpu_asm!(load, "movzx", "byte", u32, ":e", $($asm)*),
            2 => $crate::__percpu_asm!(load, "movzx", "word", u32, ":e", $($asm)*),
            4 => $crate::__percpu_asm!(load, "mov", "dword", u32, ":e", $($asm)*),
            _ => $crate::__percpu_asm!(load, "mov", "qword", u64, ":r", $($asm)*),
        }
    };
    ($T:ty, $kind:ident($($word:expr),*), $($asm:tt)*) => {
        match size_of::<$T>() {
            1 => $crate::__percpu_asm!($kind($($word),*), "byte", u8, reg_byte, "", "al", $($asm)*),
            2 => $crate::__percpu_asm!($kind($($word),*), "word", u16, reg, ":x", "ax", $($asm)*),
            4 => $crate::__percpu_asm!($kind($($word),*), "dword", u32, reg, ":e", "eax", $($asm)*),
            _ => $crate::__percpu_asm!($kind($($word),*), "qword", u64, reg, ":r", "rax", $($asm)*),
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
        ::core::arch::asm!(
            concat!($insn, " ", $size, " ptr ", $memory),
            $($how)*,
            offset = const OFFSET,
            options(nostack),
        )
    };
    (load, $insn:literal, $size:literal, $int:ty, $fmt:literal,
     $memory:literal, $($how:tt)*) => {{
        let value: $int;
        ::core::arch::asm!(
            concat!($insn, " {value", $fmt, "}, ", $size, " ptr ", $memory),
            $($how)*,
            offset = const OFFSET,
            value = out(reg) value,
            options(nostack),
        );
        u64::from(value)
    }};
    (binary($word:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {
        ::core::arch::asm!(
            concat!($insn, " ", $size, " ptr ", $memory, ", {value", $fmt, "}"),
            $($how)*,
            offset = const OFFSET,
            value = in($class) $word as $int,
            options(nostack),
        )
    };
    (exchange($word:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {{
        let value: $int;
        ::core::arch::asm!(
            concat!($insn, " ", $size, " ptr ", $memory, ", {value", $fmt, "}"),
            $($how)*,
            offset = const OFFSET,
            value = inout($class) $word as $int => value,
            options(nostack),
        );
        u64::from(value)
    }};
    (compare($old:expr, $new:expr), $size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt,
     $insn:literal, $memory:literal, $($how:tt)*) => {{
        let value: $int;
        ::core::arch::asm!(
            concat!($insn, " ", $size, " ptr ", $memory, ", {new", $fmt, "}"),
            $($how)*,
            offset = const OFFSET,
            new = in($class) $new as $int,
            inout($acc) $old as $int => value,
            options(nostack),
        );
        u64::from(value)
    }};
}

/// `cmpxchg16b`, which takes rdx:rax and rcx:rbx. LLVM keeps rbx to itself, so it is lent for one
/// instruction.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_asm128 {
    ($old:ident, $new:ident, $memory:literal, $($how:tt)*) => {{
        // CAST: A word of two.
        let (mut low, mut high) = ($old as u64, ($old >> 64) as u64);

        ::core::arch::asm!(
            "xchg rbx, rsi",
            concat!("cmpxchg16b xmmword ptr ", $memory),
            "mov rbx, rsi",
            offset = const OFFSET,
            $($how)*,
            // CAST: A word of two.
            inout("rsi") $new as u64 => _,
            in("rcx") ($new >> 64) as u64,
            inout("rax") low,
            inout("rdx") high,
            options(nostack),
        );
        u128::from(high) << 64 | u128::from(low)
    }};
}
