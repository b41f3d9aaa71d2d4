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

/// The bytes of a unit that the static variables of all loaded modules share:
/// `PERCPU_MODULE_RESERVE`. 0 if the kernel has no modules.
// CAST: 8192.
pub const RESERVE_SIZE: usize = bindings::PERCPU_MODULE_RESERVE as usize;

/// How the first chunk was made: `enum pcpu_fc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstChunk {
    /// It lies in the kernel's linear mapping, each node's units in one piece (`embed`).
    Embed,

    /// It is mapped page by page in vmalloc space (`page`).
    Page,
}

/// How the first chunk was made. Any context.
///
/// The kernel keeps no note of it: `pcpu_chosen_fc` is what was asked for, and gone after boot. It is
/// known from where [`kstat`] lies, which is in the first chunk: in vmalloc space or not.
pub fn first_chunk() -> FirstChunk {
    if is_vmalloc(kstat(), first_cpu()) {
        FirstChunk::Page
    } else {
        FirstChunk::Embed
    }
}

/// How many bytes behind the first CPU's unit that of `cpu` begins; negative if it is in front of
/// it. The same in all chunks. Any context.
///
/// The difference of two elements of `__per_cpu_offset`.
pub fn unit_distance(cpu: PossibleCpu) -> isize {
    let variable = kstat();
    let distance = variable
        .per_cpu_ptr(cpu)
        .addr()
        .wrapping_sub(variable.per_cpu_ptr(first_cpu()).addr());

    // CAST: The distance as a signed number.
    distance as isize
}

/// The memory node that the unit of `cpu` in the first chunk lies on. Any context.
///
/// This is where the memory is, told by the `struct page` that [`kstat`] lies in, and not where the
/// CPU is: if a node had no memory to give, another one gave it. Of a unit that is mapped page by
/// page it is the node of that one page.
pub fn unit_node(cpu: PossibleCpu) -> Option<usize> {
    let variable = kstat();
    let address = variable.per_cpu_ptr(cpu).cast::<c_void>().cast_const();

    let page = if is_vmalloc(variable, cpu) {
        // SAFETY: The address is that of memory that is mapped for good.
        unsafe { bindings::vmalloc_to_page(address) }
    } else {
        // SAFETY: The first chunk is either in vmalloc space or in the linear mapping.
        unsafe { bindings::virt_to_page(address) }
    };

    // SAFETY: It is the page of memory that is never freed.
    let page = unsafe { PageRef::from_raw(core::ptr::NonNull::new(page)?) };
    Some(page.flags().nid())
}

/// How many bytes of the reserve `module` takes for its static variables, alignment not counted.
/// Any context.
///
/// 0 for code that is built into the kernel, whose variables are among the kernel's.
pub fn reserve_used(module: &ThisModule) -> usize {
    let module = module.as_ptr();

    if module.is_null() {
        return 0;
    }
    // CAST: Widening.
    // SAFETY: A module's code runs only while the module is there, and the loader set this before.
    unsafe { (*module).percpu_size as usize }
}

/// A variable that lies in the kernel's static area, of every architecture. Any context.
///
/// It is there to be located: what it holds is hidden, and nothing can be done with it.
pub fn kstat() -> &'static PerCpu<()> {
    // SAFETY: There is a per-CPU variable at this address forever, and nothing of no size in it.
    unsafe { PerCpu::from_raw((&raw const bindings::kstat).cast()) }
}

/// The CPU that distances are measured from: the first one that is possible, which is CPU 0
/// wherever there is such a CPU.
fn first_cpu() -> PossibleCpu {
    let first = cpumask::possible().iter().next();

    // SAFETY: The CPU that booted is possible; and if none were, nobody could run this.
    unsafe { first.unwrap_unchecked() }
}

/// Whether the copy of `cpu` lies in vmalloc space.
fn is_vmalloc<T>(variable: &PerCpu<T>, cpu: PossibleCpu) -> bool {
    // SAFETY: The function looks at the address alone.
    unsafe { bindings::is_vmalloc_addr(variable.per_cpu_ptr(cpu).cast_const().cast()) }
}
