// SPDX-License-Identifier: GPL-2.0

//! How well an operation is kept in one piece.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)

/// The flavour of the operations of a [`PerCpu`](crate::percpu::PerCpu): [`ThisCpu`] or [`RawCpu`].
pub trait Flavour: private::Sealed + 'static {
    /// Whether nobody has to be kept out of an operation's middle.
    #[doc(hidden)]
    const RAW: bool;
}

/// `this_cpu_` operations: neither an interrupt nor a change of CPU comes into the middle of one.
pub enum ThisCpu {}

/// `__this_cpu_` and `raw_cpu_` operations: an update that an interrupt, or a task on the CPU that
/// this task leaves, makes to the same copy in the middle of one may be lost.
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
