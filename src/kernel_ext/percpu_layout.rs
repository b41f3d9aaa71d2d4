// SPDX-License-Identifier: GPL-2.0

//! Where per-CPU memory is, as far as that can be known and may be told.
//!
//! C sources: [`include/linux/percpu.h`](srctree/include/linux/percpu.h),
//! [`mm/percpu.c`](srctree/mm/percpu.c)
//!
//! Each possible CPU has a unit in the first chunk, which was made at boot. A unit has up to three
//! parts, one behind the other: the kernel's static variables, the reserve for those of modules,
//! and memory to be allocated. Chunks that came later have units of the last kind alone, at the
//! same distances. An address in the per-CPU address space stands for the same place in all units.
//!
//! The allocator keeps all this to itself, so what is told here is derived from what modules may
//! see; each function says how. Nothing tells an address, only distances and sizes.

mod areas;

use kernel::prelude::*;

use crate::{
    bindings,
    cpumask::{
        self,
        PossibleCpu, //
    },
    mmzone::PageRef,
    percpu::PerCpu, //
};

pub use self::areas::{
    Area,
    Areas, //
};

/// Gives the bytes of a unit that the static variables of all loaded modules share:
/// `PERCPU_MODULE_RESERVE`.
// CAST: 8192.
pub const RESERVE_SIZE: usize = bindings::PERCPU_MODULE_RESERVE as usize;

/// Tells how the first chunk was made: `enum pcpu_fc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstChunk {
    /// Lies in the kernel's linear mapping, each node's units in one piece (`embed`).
    Embed,

    /// Lies in vmalloc space, mapped page by page (`page`).
    Page,
}

/// Returns how the first chunk was made.
///
/// The kernel keeps no note of it: `pcpu_chosen_fc` is what was asked for, and is gone after boot. It is
/// known from where [`kstat`] lies, which is in the first chunk: in vmalloc space or not. Any context.
pub fn first_chunk() -> FirstChunk {
    if is_vmalloc(kstat(), first_cpu()) {
        FirstChunk::Page
    } else {
        FirstChunk::Embed
    }
}

/// Returns how many bytes behind the first CPU's unit that of `cpu` begins, negative if it is in
/// front of it.
///
/// This is the difference of two elements of `__per_cpu_offset`, which is the same in all chunks. Any
/// context.
pub fn unit_distance(cpu: PossibleCpu) -> isize {
    let variable = kstat();
    let distance = variable
        .per_cpu_ptr(cpu)
        .addr()
        .wrapping_sub(variable.per_cpu_ptr(first_cpu()).addr());

    // CAST: The distance as a signed number.
    distance as isize
}

/// Returns the memory node that the unit of `cpu` in the first chunk lies on.
///
/// It is read from the `struct page` that [`kstat`] lies in, so it is where the memory is, and not where
/// the CPU is: if a node had no memory to give, another one gave it. If the unit is mapped page by page,
/// its other pages may lie on other nodes. Any context.
pub fn unit_node(cpu: PossibleCpu) -> Option<usize> {
    let variable = kstat();
    let address = variable.per_cpu_ptr(cpu).cast::<c_void>().cast_const();

    let page = if is_vmalloc(variable, cpu) {
        // SAFETY: The function asks for an address in vmalloc space, which was just found out. The first
        // chunk is mapped for good.
        unsafe { bindings::vmalloc_to_page(address) }
    } else {
        // SAFETY: The function asks for an address in the linear mapping. The first chunk is there if it
        // is not in vmalloc space.
        unsafe { bindings::virt_to_page(address) }
    };

    // SAFETY: It is a `struct page`, of memory that is never freed.
    let page = unsafe { PageRef::from_raw(core::ptr::NonNull::new(page)?) };
    Some(page.flags().nid())
}

/// Returns how many bytes of the reserve `module` takes for its static variables, alignment not
/// counted.
///
/// For code that is built into the kernel it returns 0, as the variables are among the kernel's. Any
/// context.
pub fn reserve_used(module: &ThisModule) -> usize {
    let module = module.as_ptr();

    if module.is_null() {
        return 0;
    }
    // CAST: Widening.
    // SAFETY: A `ThisModule` is of a module that is there while its code runs. The loader set the field
    // before any of it ran.
    unsafe { (*module).percpu_size as usize }
}

/// Returns a variable that lies in the kernel's static area, of every architecture.
///
/// It is there to be located: what it holds is hidden, and nothing can be done with it. Any context.
pub fn kstat() -> &'static PerCpu<()> {
    // SAFETY: There is a per-CPU variable at this address forever, and in it a `()`, which takes no
    // memory and is no value that instructions work on.
    unsafe { PerCpu::from_raw((&raw const bindings::kstat).cast()) }
}

/// Returns the CPU that distances are measured from: the first one that is possible, which is CPU 0
/// wherever there is such a CPU.
fn first_cpu() -> PossibleCpu {
    let first = cpumask::possible().iter().next();

    // SAFETY: The CPU that booted is possible, so the mask is not empty.
    unsafe { first.unwrap_unchecked() }
}

/// Returns whether the copy of `cpu` lies in vmalloc space.
fn is_vmalloc<T>(variable: &PerCpu<T>, cpu: PossibleCpu) -> bool {
    // SAFETY: The function looks at the address alone, and takes any.
    unsafe { bindings::is_vmalloc_addr(variable.per_cpu_ptr(cpu).cast_const().cast()) }
}
