// SPDX-License-Identifier: GPL-2.0

//! Instructions count in bytes, so safe code does not say that a type counts.
//! error: the trait `PerCpuInt` requires an `unsafe impl` declaration

use kernel_ext::percpu::{
    PerCpuInt,
    PerCpuValue, //
};

/// One of two.
#[derive(Clone, Copy, PartialEq)]
#[repr(u8)]
enum Door {
    Closed,
    Open,
}

// SAFETY: One byte, which is 0 or 1.
unsafe impl PerCpuValue for Door {
    fn into_word(self) -> u64 {
        self as u64
    }

    unsafe fn from_word(word: u64) -> Self {
        match word & 1 {
            0 => Self::Closed,
            _ => Self::Open,
        }
    }
}

impl PerCpuInt for Door {
    const ZERO: Self = Self::Closed;
    const ONE: Self = Self::Open;

    fn plus(self, _: Self) -> Self {
        Self::Open
    }

    fn negated(self) -> Self {
        self
    }
}
