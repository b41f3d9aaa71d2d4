// SPDX-License-Identifier: GPL-2.0

//! The types that single instructions work on.
//!
//! Operations are generic over the type and not over its width: a value goes to the instruction, or
//! to C, in the lower bytes of a word, and comes back so.

/// Describes a type that one instruction reads, writes or exchanges: the integers, `bool` and raw
/// pointers.
///
/// # Safety
///
/// The type must be 1, 2, 4 or 8 bytes long, aligned to its size, and without padding. Values must be
/// equal if their bytes are, and only then. The conversions must keep the bytes of a value in the
/// lower bytes of the word.
pub unsafe trait PerCpuValue: Copy + PartialEq + 'static {
    /// Returns the value's bytes; those above its width do not matter.
    #[doc(hidden)]
    fn into_word(self) -> u64;

    /// Makes a value of these bytes; those above its width do not matter.
    ///
    /// # Safety
    ///
    /// The lower bytes must be those of a value of this type.
    #[doc(hidden)]
    unsafe fn from_word(word: u64) -> Self;
}

/// Describes a type that a field of a [`per_cpu_struct!`](crate::per_cpu_struct) may have: a value,
/// or the two words of a `cmpxchg128`.
///
/// # Safety
///
/// All zeroes must be a value of the type, which `PerCpu` must have operations for.
#[doc(hidden)]
pub unsafe trait PerCpuField: Copy + 'static {}

// SAFETY: Zeroes are an integer, `false` or a null pointer. `PerCpu` has operations for these.
unsafe impl<T: PerCpuValue> PerCpuField for T {}

// SAFETY: Zeroes are an integer. `PerCpu` has operations for it, if the CPU has the instruction.
unsafe impl PerCpuField for u128 {}

/// Describes a type that one instruction counts with: the integers.
///
/// All arithmetic wraps around.
///
/// # Safety
///
/// Instructions count in the bytes of a value, so all bytes must be a value of the type.
pub unsafe trait PerCpuInt: PerCpuValue {
    /// Returns the sum, as the instructions make it.
    #[doc(hidden)]
    fn plus(self, other: Self) -> Self;

    /// Returns the value that, added, subtracts `self`.
    #[doc(hidden)]
    fn negated(self) -> Self;

    /// Stands for the number 0.
    #[doc(hidden)]
    const ZERO: Self;

    /// Stands for the number 1.
    #[doc(hidden)]
    const ONE: Self;
}

macro_rules! integers {
    ($($int:ty)*) => {$(
        // SAFETY: An integer has 1, 2, 4 or 8 bytes, without padding, and is aligned to its size on
        // machines of 64 bits, which the crate asks for and `read_remote` asserts. Integers are equal
        // if their bytes are. `as` keeps the lower bytes both ways.
        unsafe impl PerCpuValue for $int {
            #[allow(clippy::cast_lossless)] // For some of the types it is.
            #[inline(always)]
            fn into_word(self) -> u64 {
                // CAST: Keeps the lower bytes.
                self as u64
            }

            #[inline(always)]
            unsafe fn from_word(word: u64) -> Self {
                // CAST: Keeps the lower bytes.
                word as Self
            }
        }

        // SAFETY: Any bytes are an integer.
        unsafe impl PerCpuInt for $int {
            const ZERO: Self = 0;
            const ONE: Self = 1;

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn negated(self) -> Self {
                self.wrapping_neg()
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }

// SAFETY: A `bool` is one byte, which is 0 or 1, so values are equal if their bytes are. It is
// widened to 0 or 1, and comes back by the lowest bit.
unsafe impl PerCpuValue for bool {
    #[inline(always)]
    fn into_word(self) -> u64 {
        self.into()
    }

    #[inline(always)]
    unsafe fn from_word(word: u64) -> Self {
        word & 1 != 0
    }
}

// SAFETY: A thin pointer is as long and as aligned as a `usize`, without padding. Pointers are equal if
// their addresses are, which is what the word has.
unsafe impl<T: 'static> PerCpuValue for *mut T {
    #[inline(always)]
    fn into_word(self) -> u64 {
        // CAST: Widening.
        self.expose_provenance() as u64
    }

    #[inline(always)]
    unsafe fn from_word(word: u64) -> Self {
        // CAST: The word holds an address.
        core::ptr::with_exposed_provenance_mut(word as usize)
    }
}

// SAFETY: A thin pointer is as long and as aligned as a `usize`, without padding. Pointers are equal if
// their addresses are, which is what the word has.
unsafe impl<T: 'static> PerCpuValue for *const T {
    #[inline(always)]
    fn into_word(self) -> u64 {
        // CAST: Widening.
        self.expose_provenance() as u64
    }

    #[inline(always)]
    unsafe fn from_word(word: u64) -> Self {
        // CAST: The word holds an address.
        core::ptr::with_exposed_provenance(word as usize)
    }
}
