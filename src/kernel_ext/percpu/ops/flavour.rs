// SPDX-License-Identifier: GPL-2.0

//! The flavours of operations: `this_cpu_*()` against `raw_cpu_*()`.
//!
//! An operation reads, computes and writes. In C its name says what may happen between: with
//! `this_cpu_` nothing, with `__this_cpu_` an interrupt, and with `raw_cpu_` a move to another CPU
//! too. Here it is a type parameter of the variable that the operation is called on.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)

/// Describes a flavour of the operations of a [`PerCpu`](crate::percpu::PerCpu): [`ThisCpu`] or
/// [`RawCpu`].
pub trait Flavour: private::Sealed + 'static {
    /// Tells whether the operation need not be atomic with respect to interrupts and preemption.
    #[doc(hidden)]
    const RAW: bool;
}

/// Stands for `this_cpu_` operations: neither an interrupt nor a change of CPU comes into the
/// middle of one.
pub enum ThisCpu {}

/// Stands for `__this_cpu_` and `raw_cpu_` operations: what an interrupt does to the same copy in the
/// middle of one may be lost.
///
/// So may be what a task does that runs on the CPU which this task has just left.
///
/// On x86-64 they are the same instructions, but for `xchg`, which needs no loop. Other
/// architectures save that they turn interrupts off.
pub enum RawCpu {}

impl Flavour for ThisCpu {
    const RAW: bool = false;
}

impl Flavour for RawCpu {
    const RAW: bool = true;
}

mod private {
    pub trait Sealed {}

    impl Sealed for super::ThisCpu {}
    impl Sealed for super::RawCpu {}
}
