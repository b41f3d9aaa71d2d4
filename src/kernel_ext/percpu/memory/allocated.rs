// SPDX-License-Identifier: GPL-2.0

//! The storage of variables that are known by their address alone.
//!
//! On x86-64 the address is in a register, and an instruction adds it to gs.

use crate::percpu::ops::Storage;

/// Stands for the storage of variables that are known by their address.
pub enum Allocated {}

#[cfg(CONFIG_X86_64)]
crate::__percpu_storage!(
    unsafe Allocated, var => var,
    ["gs:[{var} + {__offset}]", var = in(reg) var],
    ["gs:[rdi + {__offset}]", in("rdi") var]
);

#[cfg(not(CONFIG_X86_64))]
// SAFETY: A variable that is known by its address is at its address.
unsafe impl Storage for Allocated {
    fn address(var: usize) -> usize {
        var
    }
}

/// Stands for the same storage, reached by the operations of every architecture.
///
/// For tests, which run them on x86-64 too.
#[doc(hidden)]
pub enum Generic {}

// SAFETY: A variable that is known by its address is at its address.
unsafe impl Storage for Generic {
    #[inline(always)]
    fn address(var: usize) -> usize {
        var
    }
}
