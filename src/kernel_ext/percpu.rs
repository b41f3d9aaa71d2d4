// SPDX-License-Identifier: GPL-2.0

//! Per-CPU variables: memory that every possible CPU has its own copy of.
//!
//! C headers: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h),
//! [`include/linux/percpu.h`](srctree/include/linux/percpu.h)
//!
//! A reference to a [`PerCpu<T>`] stands for a `T __percpu *` of C: for all copies at once.
//!
//! # The ladder
//!
//! Each step imports from those below it alone.
//!
//! 1. `ops`: what one instruction does. Which types it works on ([`PerCpuValue`], [`PerCpuInt`]), what
//!    may come into its middle ([`Flavour`]), how a task stays on its CPU ([`CpuPin`]), and the
//!    instructions of x86-64 beside the C functions of every other architecture.
//! 2. `memory`: where the copies are and who owns them.
//!    - [`PerCpu`] is the variable, with its operations. A struct declared by
//!      [`per_cpu_struct!`](crate::per_cpu_struct) has one for each field: `stats.reads.inc()` is one
//!      instruction.
//!    - Static variables are defined by [`define_per_cpu!`](crate::define_per_cpu), and those of C
//!      declared by [`declare_per_cpu!`](crate::declare_per_cpu). They live in the section
//!      `.data..percpu`, which in a module takes part of the 8 KiB that all loaded modules share.
//!    - Allocated variables are owned by a [`PerCpuBox`] or an [`Array`], and can be large. Objects
//!      that are no numbers, but are safe to share, are owned by a [`PerCpuShared`].
//!    - On arrays stand [`Slots`], counters that come and go one by one, and [`Overlay`], counters
//!      that have names by [`counters!`](crate::counters).
//! 3. What is built of these: [`Histogram`], with a bucket for each power of two; [`PerCpuCounter`] and
//!    [`RatelimitedSum`], whose approximate value is cheap to read; [`PerCpuRef`], an object with a
//!    reference count that is cheap to change; [`LocalLock`], for what takes more than one instruction
//!    to change. [`LineSums`] adds up many counters in the order of memory.
//!
//! Where all this memory lies, as far as it may be told, is in
//! [`percpu_layout`](crate::percpu_layout).
//!
//! # Who may do what to a copy
//!
//! | who | what | by |
//! |---|---|---|
//! | its own CPU, in any context | everything | single instructions relative to gs |
//! | any other CPU, at any time | read | one load: [`read_remote`](PerCpu::read_remote) |
//! | whoever proves that its CPU is [dead](crate::cpuhp::DeadCpu) | take what is there | [`take`](PerCpu::take), [`replace_dead`](PerCpu::replace_dead) |
//! | whoever makes it, or has the last reference | everything | plain stores |
//!
//! **Its own CPU.** The segment register gs holds the distance to this CPU's area. So an instruction
//! relative to gs works on the copy of whichever CPU executes it. An interrupt comes before it or after
//! it, never in its middle, and so does a move to another CPU: no lock, no disabled preemption, and
//! every context may do it, NMI included. The operations are those that C calls `this_cpu_add()` and
//! so on. Its `__this_cpu_add()` is [`pinned(&pin).add()`](PerCpu::pinned), its `raw_cpu_add()` is
//! [`raw().add()`](PerCpu::raw). Two words at once need [proof](HasCmpxchg128) that the CPU can.
//!
//! **Other CPUs** never write to the copy of a CPU that runs: its own instructions have no lock prefix,
//! so the write could be lost.
//!
//! **Nobody gets a `&mut`** to per-CPU memory because preemption is off, since an interrupt on the same
//! CPU would alias it. A [`LocalLock`] lends one, as it can tell an interrupt that it is taken.
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
//! An allocation is for all possible CPUs, and of at most 32 KiB for each. The memory is zeroed, or
//! an initialiser runs for each possible CPU, before anybody sees a copy; it is freed when the owner
//! is dropped.
//!
//! `GFP_KERNEL` may sleep, and makes room where there is none. `GFP_ATOMIC` and `GFP_NOWAIT` do not
//! sleep and take what is there, which is not much: the allocator keeps a few pages ahead.
//! `GFP_KERNEL_ACCOUNT` charges the task's memory cgroup for the memory of all possible CPUs. An
//! allocation that fails says so in the kernel's log, unless its flags have `__GFP_NOWARN`, as
//! `GFP_NOWAIT` does.
//!
//! # Errors
//!
//! Everything here that allocates fails in the same way:
//!
//! | errno | when |
//! |---|---|
//! | `ENOMEM` | memory is short |
//! | `E2BIG` | an [`Array`] takes more than 32 KiB for each CPU |
//! | `EINVAL` | an [`Array`] has no size, or the flags have a part that the `kernel` crate has no name for |
//!
//! These are refused before the allocator is asked, which would warn. Where the size is the type's
//! alone, one that is too large, or none, does not compile.

#[cfg(not(CONFIG_64BIT))]
compile_error!("a u64 of another CPU is read by one load, which needs a machine of 64 bits");

#[cfg(not(CONFIG_SMP))]
compile_error!("per-CPU operations are relative to a CPU's area, which needs CONFIG_SMP");

mod counter;
mod histogram;
mod line_sums;
mod local_lock;
mod memory;
mod ops;
mod ratelimited;
mod refcount;

pub use self::{
    counter::PerCpuCounter,
    histogram::Histogram,
    line_sums::LineSums,
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
