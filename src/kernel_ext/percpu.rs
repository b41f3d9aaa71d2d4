// SPDX-License-Identifier: GPL-2.0

//! Per-CPU variables: memory that every possible CPU has its own copy of.
//!
//! C headers: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h),
//! [`include/linux/percpu.h`](srctree/include/linux/percpu.h)
//!
//! A reference to a [`PerCpu<T>`] stands for a `T __percpu *` of C: for all copies at once. There
//! are two kinds of variables behind it.
//!
//! - Static ones are defined by [`define_per_cpu!`](crate::define_per_cpu). They live in the
//!   section `.data..percpu`, which in a module takes part of the 8 KiB that all loaded modules
//!   share. Those of C are declared by [`declare_per_cpu!`](crate::declare_per_cpu).
//! - Allocated ones are owned by a [`PerCpuBox`] or an [`Array`], and can be large. Counters that
//!   come and go one by one share allocations, as [`Slots`]. Objects that are not changed by
//!   instructions, but are safe to share, are owned by a [`PerCpuShared`].
//!
//! On top of these are
//!
//! - [`Histogram`], with a bucket for each power of two,
//! - [`PerCpuCounter`] and [`RatelimitedSum`], whose approximate value is cheap to read,
//! - [`PerCpuRef`], an object with a reference count that is cheap to change,
//! - [`LocalLock`], for what takes more than one instruction to change.
//!
//! Where all this memory lies, as far as it may be told, is in [`percpu_layout`](crate::percpu_layout).
//!
//! What a CPU does to its own copy is a single instruction relative to the segment register gs,
//! which holds the distance to this CPU's area. An interrupt comes before it or after it, never in
//! its middle, and so does a move to another CPU: no lock, no disabled preemption. For the same
//! reason these operations are safe in every context, NMI included. The operations are those that
//! C calls `this_cpu_add()` and so on. Its `__this_cpu_add()` is
//! [`pinned(&pin).add()`](PerCpu::pinned), its `raw_cpu_add()` is [`raw().add()`](PerCpu::raw). Two
//! words at once need [proof](HasCmpxchg128) that the CPU can.
//!
//! A struct declared by [`per_cpu_struct!`](crate::per_cpu_struct) has its fields reached in the
//! same way: `stats.reads.inc()` is one instruction. One of [`counters!`](crate::counters) knows
//! their names too.
//!
//! Nobody gets a `&mut` to per-CPU memory because preemption is off, since an interrupt on the same
//! CPU would alias it. A [`LocalLock`] lends one, as it can tell an interrupt that it is taken.
//!
//! What other CPUs may do is to read a copy, by one load, and to empty the copy of a CPU that is
//! [dead](crate::cpuhp::DeadCpu). They never write to the copy of a CPU that runs, because its own
//! instructions have no lock prefix and the write could be lost. The exceptions are copies that
//! nobody has a reference to: those that are being made, and those of a [`Slot`] that is given back.
//!
//! # Machines
//!
//! All of this is run on x86-64. The operations of other architectures are calls of C, which are
//! compiled and run on x86-64 too, but no other architecture is tested. 32-bit ones are refused when
//! this is compiled: they read a `u64` of another CPU in two halves, between which that CPU may
//! change it. So are kernels without `CONFIG_SMP`, which have no areas for gs to point to.
//!
//! # Allocation
//!
//! An allocation is for all possible CPUs, and of at most 32 KiB for each. What is larger, or has
//! no size, is refused before the allocator is asked, and when it is compiled if the type says it.
//!
//! `GFP_KERNEL` may sleep, and makes room where there is none. `GFP_ATOMIC` and `GFP_NOWAIT` do not
//! sleep and take what is there, which is not much: the allocator keeps a few pages ahead.
//! `GFP_KERNEL_ACCOUNT` charges the task's memory cgroup for the memory of all possible CPUs. An
//! allocation that fails says so in the kernel's log, unless its flags have `__GFP_NOWARN`, as
//! `GFP_NOWAIT` does.

#[cfg(not(CONFIG_64BIT))]
compile_error!("a u64 of another CPU is read by one load, which needs a machine of 64 bits");

#[cfg(not(CONFIG_SMP))]
compile_error!("per-CPU operations are relative to a CPU's area, which needs CONFIG_SMP");

mod counter;
mod histogram;
mod local_lock;
mod memory;
mod ops;
mod ratelimited;
mod refcount;

pub use self::{
    counter::PerCpuCounter,
    histogram::Histogram,
    local_lock::{
        LocalLock,
        LocalLockGuard, //
    },
    memory::{
        Allocated,
        Array,
        CounterSource,
        Counters,
        Keys,
        Overlay,
        PerCpu,
        PerCpuBox,
        PerCpuShared,
        PerCpuStruct,
        Slot,
        Slots, //
    },
    ops::{
        get_cpu,
        raw_smp_processor_id,
        CpuPin,
        Flavour,
        HasCmpxchg128,
        PerCpuInt,
        PerCpuValue,
        Pinned,
        RawCpu,
        ThisCpu, //
    },
    ratelimited::RatelimitedSum,
    refcount::{
        Counted,
        PerCpuRef,
        Reference, //
    }, //
};

#[doc(hidden)]
pub use self::{
    memory::{
        __export,
        assert_field,
        Image, //
    },
    ops::{
        PerCpuField,
        Storage, //
    }, //
};

#[cfg(CONFIG_X86_64)]
#[doc(hidden)]
pub use self::ops::x86;
