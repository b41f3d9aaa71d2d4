// SPDX-License-Identifier: GPL-2.0

//! How a row of the table of instructions becomes a function.
//!
//! [`__percpu_fn!`](crate::__percpu_fn) writes the function, [`__percpu_widths!`](crate::__percpu_widths)
//! an instruction for each width, of which the type of the value leaves one, and
//! [`__percpu_asm!`](crate::__percpu_asm) the text and the operands of that one.

/// Makes a function of `Storage`, for all values or for integers.
///
/// What it takes and returns follows from what the instruction does with a register.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_fn {
    (value, $($row:tt)*) => {
        $crate::__percpu_fn!([$crate::percpu::PerCpuValue], $($row)*);
    };
    (int, $($row:tt)*) => {
        $crate::__percpu_fn!([$crate::percpu::PerCpuInt], $($row)*);
    };
    ([$bound:path], fn $name:ident, none, $insn:literal, [$var:ident, $($operand:tt)*]) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $bound,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
        ) {
            // SAFETY: By the contract of `Storage` the operand is a `__T`, of that size.
            unsafe { $crate::__percpu_widths!(__T, none(), $insn, [$($operand)*]) };
        }
    };
    ([$bound:path], fn $name:ident, out, $insn:literal, [$var:ident, $($operand:tt)*]) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $bound,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
        ) -> __T {
            // SAFETY: By the contract of `Storage` the operand is a `__T`, of that size, so the bytes that
            // were loaded are one.
            unsafe {
                <__T as $crate::percpu::PerCpuValue>::from_word(
                    $crate::__percpu_widths!(__T, out(), $insn, [$($operand)*])
                )
            }
        }
    };
    ([$bound:path], fn $name:ident, in, $insn:literal, [$var:ident, $($operand:tt)*]) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $bound,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
            __value: __T,
        ) {
            let __word = <__T as $crate::percpu::PerCpuValue>::into_word(__value);

            // SAFETY: By the contract of `Storage` the operand is a `__T`, of that size. What is
            // stored is one, or, if it is computed, the table says that all bytes are.
            unsafe { $crate::__percpu_widths!(__T, in(__word), $insn, [$($operand)*]) };
        }
    };
    ([$bound:path], fn $name:ident, inout, $insn:literal, [$var:ident, $($operand:tt)*]) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $bound,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
            __value: __T,
        ) -> __T {
            let __word = <__T as $crate::percpu::PerCpuValue>::into_word(__value);

            // SAFETY: By the contract of `Storage` the operand is a `__T`, of that size, so the bytes that
            // were there are one. What is stored is computed, and the table says that all bytes are.
            let __before = unsafe {
                <__T as $crate::percpu::PerCpuValue>::from_word(
                    $crate::__percpu_widths!(__T, inout(__word), $insn, [$($operand)*])
                )
            };
            <__T as $crate::percpu::PerCpuInt>::plus(__before, __value)
        }
    };
    ([$bound:path], fn $name:ident, acc, $insn:literal, [$var:ident, $($operand:tt)*]) => {
        #[inline(always)]
        unsafe fn $name<
            __T: $bound,
            __F: $crate::percpu::Flavour,
            const __OFFSET: $crate::__core::primitive::usize,
        >(
            $var: $crate::__core::primitive::usize,
            __old: __T,
            __new: __T,
        ) -> __T {
            let __old = <__T as $crate::percpu::PerCpuValue>::into_word(__old);
            let __new = <__T as $crate::percpu::PerCpuValue>::into_word(__new);

            // SAFETY: By the contract of `Storage` the operand is a `__T`, of that size, so the bytes that
            // were there are one. What is stored, if anything, is `__new`.
            unsafe {
                <__T as $crate::percpu::PerCpuValue>::from_word(
                    $crate::__percpu_widths!(__T, acc(__old, __new), $insn, [$($operand)*])
                )
            }
        }
    };
}

/// Writes an instruction for each width, of which the size of `T` leaves one.
///
/// A row is a width: how the memory operand is called, the integer of that width, the class and the
/// format of its register, and its accumulator.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_widths {
    // Narrow values are zero-extended, as by gcc, so as not to wait for the register's old upper bytes.
    ($T:ty, out(), $insn:literal, $operand:tt) => {
        match $crate::__core::mem::size_of::<$T>() {
            1 => $crate::__percpu_asm!(
                out(), "movzx", $operand, ["byte", $crate::percpu::x86::U32, reg, ":e", "eax"]
            ),
            2 => $crate::__percpu_asm!(
                out(), "movzx", $operand, ["word", $crate::percpu::x86::U32, reg, ":e", "eax"]
            ),
            4 => $crate::__percpu_asm!(
                out(), $insn, $operand, ["dword", $crate::percpu::x86::U32, reg, ":e", "eax"]
            ),
            _ => $crate::__percpu_asm!(
                out(), $insn, $operand, ["qword", $crate::percpu::x86::U64, reg, ":r", "rax"]
            ),
        }
    };
    ($T:ty, $register:tt($($word:expr),*), $insn:literal, $operand:tt) => {
        match $crate::__core::mem::size_of::<$T>() {
            1 => $crate::__percpu_asm!(
                $register($($word),*), $insn, $operand,
                ["byte", $crate::percpu::x86::U8, reg_byte, "", "al"]
            ),
            2 => $crate::__percpu_asm!(
                $register($($word),*), $insn, $operand,
                ["word", $crate::percpu::x86::U16, reg, ":x", "ax"]
            ),
            4 => $crate::__percpu_asm!(
                $register($($word),*), $insn, $operand,
                ["dword", $crate::percpu::x86::U32, reg, ":e", "eax"]
            ),
            _ => $crate::__percpu_asm!(
                $register($($word),*), $insn, $operand,
                ["qword", $crate::percpu::x86::U64, reg, ":r", "rax"]
            ),
        }
    };
}

/// Writes an instruction of one width.
///
/// What is read comes back as a word, what is written is the lower bytes of one.
#[doc(hidden)]
#[macro_export]
macro_rules! __percpu_asm {
    (none(), $insn:literal, [$memory:literal, $($how:tt)*],
     [$size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt]) => {
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " ", $size, " ptr ", $memory),
            $($how)*,
            __offset = const __OFFSET,
            options(nostack),
        )
    };
    (out(), $insn:literal, [$memory:literal, $($how:tt)*],
     [$size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt]) => {{
        let __value: $int;
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " {__value", $fmt, "}, ", $size, " ptr ", $memory),
            $($how)*,
            __offset = const __OFFSET,
            __value = out($class) __value,
            options(nostack),
        );
        $crate::percpu::x86::word(__value)
    }};
    (in($word:expr), $insn:literal, [$memory:literal, $($how:tt)*],
     [$size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt]) => {
        $crate::__core::arch::asm!(
            $crate::__core::concat!($insn, " ", $size, " ptr ", $memory, ", {__value", $fmt, "}"),
            $($how)*,
            __offset = const __OFFSET,
            __value = in($class) $word as $int,
            options(nostack),
        )
    };
    (inout($word:expr), $insn:literal, [$memory:literal, $($how:tt)*],
     [$size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt]) => {{
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
    (acc($old:expr, $new:expr), $insn:literal, [$memory:literal, $($how:tt)*],
     [$size:literal, $int:ty, $class:ident, $fmt:literal, $acc:tt]) => {{
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

/// Writes `cmpxchg16b`, which takes rdx:rax and rcx:rbx.
///
/// LLVM keeps rbx to itself, so it is lent for one instruction.
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
