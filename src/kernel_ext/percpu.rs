// SPDX-License-Identifier: GPL-2.0

//! Per-CPU variables: memory that every possible CPU has its own copy of.
//!
//! C headers: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h),
//! [`include/linux/percpu.h`](srctree/include/linux/percpu.h)
//!
//! There are two kinds. A static variable is defined by [`define_per_cpu!`](crate::define_per_cpu)
//! and lives in the section `.data..percpu`, which in a module takes part of the 8 KiB that all
//! loaded modules share. An [`Array`] is allocated while the system runs, and can be large.
//!
//! What a CPU does to its own copy is a single instruction relative to the segment register gs,
//! which holds the distance to this CPU's area. An interrupt comes before it or after it, never in
//! its middle, and so does a move to another CPU: no lock, no disabled preemption. For the same
//! reason these operations are safe in every context, NMI included.
//!
//! Nobody ever gets a `&mut` to per-CPU memory, not even with preemption off, since an interrupt
//! on the same CPU would alias it.
//!
//! What other CPUs may do is to read a copy, by an atomic load, and to empty the copy of a CPU
//! that is [dead](crate::cpuhp::DeadCpu). They never write to the copy of a CPU that runs, because
//! its own instructions have no lock prefix and the write could be lost.

mod array;
mod define;
mod ops;

pub use self::{
    array::Array,
    define::StaticPerCpu,
    ops::PerCpuRef, //
};

#[doc(hidden)]
pub use self::define::Storage;
