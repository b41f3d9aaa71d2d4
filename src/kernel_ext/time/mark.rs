// SPDX-License-Identifier: GPL-2.0

//! Moments by a CPU's clock, to measure from.
//!
//! C headers: [`arch/x86/include/asm/tsc.h`](srctree/arch/x86/include/asm/tsc.h),
//! [`include/linux/sched/clock.h`](srctree/include/linux/sched/clock.h)
//!
//! [`local_clock()`] tells nanoseconds since boot, for which it reads the TSC, multiplies it, and
//! adds what makes it continuous. Who measures wants the difference of two readings alone. So where
//! the TSC is trusted a mark is a reading of it, and only the difference is multiplied.

use super::{
    local_clock,
    tsc, //
};

/// Marks a moment by this CPU's clock, from which is measured on the same CPU.
///
/// Where the kernel trusts the TSC the clock is that, and elsewhere [`local_clock()`]. The kernel may
/// stop to trust it at any time, so each mark knows its clock.
///
/// # Invariants
///
/// Bit 0 is set if the other bits are the cycles of the TSC; if it is not, they are the nanoseconds of
/// `local_clock()`, which are not 0.
#[derive(Clone, Copy)]
pub struct Mark(u64);

/// Says that a mark is one of the TSC.
const BY_TSC: u64 = 1;

impl Mark {
    /// Marks this moment.
    ///
    /// Any context.
    #[inline(always)]
    pub fn now() -> Self {
        if tsc::is_trusted() {
            Self::by_tsc()
        } else {
            Self::by_local_clock()
        }
    }

    /// Returns the mark as a word, which is never 0.
    #[inline(always)]
    pub fn into_word(self) -> u64 {
        self.0
    }

    /// Returns the mark that was made a word, or `None` for 0.
    #[inline(always)]
    pub fn from_word(word: u64) -> Option<Self> {
        // INVARIANT: Words are of `into_word()`. Any other one is as good as a mark: the length from it
        // is a number, as that from a mark of another CPU is.
        (word != 0).then_some(Self(word))
    }

    /// Returns how many nanoseconds ago the moment was if the mark is of the TSC, which is read without
    /// a call; `None` if it is not.
    ///
    /// Any context.
    #[inline(always)]
    pub fn elapsed_ns_by_tsc(self) -> Option<u64> {
        (self.0 & BY_TSC != 0).then(|| Self::by_tsc().ns_by_tsc(self))
    }

    /// Returns how many nanoseconds ago the moment was, 0 if the clock has gone back since.
    ///
    /// On another CPU than that of the mark the result is wrong by the difference of their clocks. Any
    /// context.
    pub fn elapsed_ns(self) -> u64 {
        self.elapsed_ns_by_tsc()
            .unwrap_or_else(|| Self::by_local_clock().ns_by_local_clock(self))
    }

    /// Returns how many nanoseconds lie between `began` and this mark, 0 if that is later; `None` if
    /// they are of two clocks, as the kernel has ceased to trust the TSC meanwhile.
    ///
    /// Any context.
    #[inline(always)]
    pub fn ns_since(self, began: Self) -> Option<u64> {
        if (self.0 ^ began.0) & BY_TSC != 0 {
            None
        } else if self.0 & BY_TSC != 0 {
            Some(self.ns_by_tsc(began))
        } else {
            Some(self.ns_by_local_clock(began))
        }
    }

    #[inline(always)]
    fn ns_by_tsc(self, began: Self) -> u64 {
        // The bit that says which clock it is cancels out, and the cycles stand above it.
        tsc::half_cycles_to_ns(self.0.saturating_sub(began.0))
    }

    #[inline(always)]
    fn ns_by_local_clock(self, began: Self) -> u64 {
        self.0.saturating_sub(began.0) >> 1
    }

    #[inline(always)]
    fn by_tsc() -> Self {
        // INVARIANT: The bit is set. The highest bit of the cycles is lost, of both marks of a length.
        Self(tsc::read() << 1 | BY_TSC)
    }

    #[cold]
    #[inline(never)]
    fn by_local_clock() -> Self {
        // INVARIANT: The bit is not set. A clock that begins to run is as good at 1 as at 0.
        Self(local_clock().max(1) << 1)
    }
}
