// SPDX-License-Identifier: GPL-2.0

//! The parts of a unit, and which of them a variable is in.
//!
//! The border between the kernel's variables and the reserve is found out by taking four bytes from the
//! reserve while a probe listens to the allocator, which says at which offset of which chunk they are.

use kernel::{
    alloc::flags::__GFP_NOWARN,
    bindings::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    task::Task, //
};

use super::{
    first_chunk,
    first_cpu,
    is_vmalloc,
    unit_distance,
    FirstChunk,
    RESERVE_SIZE, //
};
use crate::{
    bindings,
    cpumask::{
        self,
        PossibleCpu, //
    },
    gfp,
    percpu::{
        PerCpu,
        Storage, //
    },
    tracepoint::{
        PercpuAllocPercpu,
        Probe, //
        Registration,
    }, //
};

/// Names a part of per-CPU memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    /// Holds the kernel's own static variables, in the first chunk.
    Static,

    /// Holds the static variables of modules, in the first chunk.
    Reserve,

    /// Holds what is allocated: the rest of the first chunk, and all later ones.
    Dynamic,
}

/// Tells where the areas begin, in the per-CPU address space.
///
/// The first chunk holds the static area, the reserve and memory to be allocated, in this order, so
/// the reserve's beginning is all that is needed to tell them apart. The allocator itself tells
/// where that is: it has a tracepoint for allocations, and modules may allocate from the reserve
/// as the module loader does.
///
/// That takes four bytes of the reserve for a moment. A module that is loaded in that moment, and needs
/// the reserve's very last bytes for its static variables, fails to load with `ENOMEM`.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     define_per_cpu,
///     percpu::PerCpuBox,
///     percpu_layout::{
///         Area,
///         Areas, //
///     }, //
/// };
///
/// define_per_cpu! {
///     static WIDGETS: u64 = 0;
/// }
///
/// let areas = Areas::find()?;
/// let gadgets = PerCpuBox::<u64>::zeroed(GFP_KERNEL)?;
///
/// assert_eq!(areas.of(&WIDGETS), Some(Area::Reserve));
/// assert_eq!(areas.of(&gadgets), Some(Area::Dynamic));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The reserve begins at or after `earliest`, and at or before `latest`.
pub struct Areas {
    earliest: usize,
    latest: usize,
}

/// Listens to the allocator, for what this task takes from the reserve.
struct Listener {
    task: usize,
    chunk: Arc<Atomic<usize>>,
}

// SAFETY: It compares two numbers and stores one into memory that `self` owns, atomically.
// `Task::current_raw()` reads a per-CPU variable.
unsafe impl Probe<PercpuAllocPercpu> for Listener {
    fn call(&self, (reserved, chunk): (bool, usize)) {
        // Interrupts on top of this task do not take from the reserve.
        if reserved && Task::current_raw().addr() == self.task {
            self.chunk.store(chunk, Relaxed);
        }
    }
}

impl Areas {
    /// Asks the allocator where the areas are.
    ///
    /// This takes four bytes of the reserve for a moment. Fails with `ENOMEM` if none are free, and
    /// with `ENOENT` if the kernel has no reserve or no tracepoint. May sleep.
    pub fn find() -> Result<Self> {
        if RESERVE_SIZE == 0 {
            return Err(ENOENT);
        }

        let chunk = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let listener = Listener {
            task: Task::current_raw().addr(),
            chunk: chunk.clone(),
        };
        let attached = KBox::pin_init(Registration::new(listener), GFP_KERNEL)?;
        let reserved = take_from_reserve()?;
        drop(attached);

        // The reserve's chunk begins with the page that the reserve begins in.
        let earliest = chunk.load(Relaxed);
        if earliest == 0 {
            return Err(ENOENT);
        }
        let latest = if cfg!(CONFIG_AMD_MEM_ENCRYPT) {
            // The static area ends with the variables that are not encrypted, in whole pages.
            earliest
        } else {
            reserved.min(earliest.wrapping_add(PAGE_SIZE - 1))
        };

        // INVARIANT: The reserve begins in the page at `earliest`, and what was taken from it does not
        // lie in front of it.
        Ok(Self { earliest, latest })
    }

    /// Returns the area that `variable` lies in, or `None` if it is so near to a border that this
    /// cannot be told.
    ///
    /// That happens only on kernels that cannot encrypt memory, where the reserve need not begin
    /// with a page. Any context.
    pub fn of<T, P: Storage, const OFFSET: usize>(
        &self,
        variable: &PerCpu<T, P, OFFSET>,
    ) -> Option<Area> {
        let variable = variable.as_allocated();

        if first_chunk() == FirstChunk::Embed && is_vmalloc(variable, first_cpu()) {
            return Some(Area::Dynamic);
        }

        // Later chunks are behind the first one: it was given the lowest place in vmalloc space,
        // and they are given the highest ones that are free.
        let address = core::ptr::from_ref(variable).addr();
        // CAST: The distance as a signed number.
        let behind = |border: usize| address.wrapping_sub(border) as isize >= 0;
        let end = |start: usize| start.wrapping_add(RESERVE_SIZE);

        if !behind(self.earliest) {
            Some(Area::Static)
        } else if behind(self.latest) && !behind(end(self.earliest)) {
            Some(Area::Reserve)
        } else if behind(end(self.latest)) {
            Some(Area::Dynamic)
        } else {
            None
        }
    }

    /// Returns the bytes of a unit that the kernel's static variables take, or `None` if that
    /// cannot be told.
    ///
    /// This is the distance from a unit's beginning to the reserve. Where a unit begins is known on
    /// x86-64 if the first chunk is embedded: the lowest unit is then aligned to `PMD_SIZE`. Any context.
    pub fn static_size(&self) -> Option<usize> {
        if self.earliest != self.latest {
            return None;
        }

        let lowest = cpumask::possible()
            .iter()
            .min_by_key(|cpu| unit_distance(*cpu))?;
        // SAFETY: The reserve lives forever, and in it a `()`, which takes no memory and is no value
        // that instructions work on.
        let reserve: &PerCpu<()> =
            unsafe { PerCpu::from_raw(core::ptr::without_provenance(self.earliest)) };

        let start = lowest_unit(lowest)?;
        Some(reserve.per_cpu_ptr(lowest).addr().wrapping_sub(start))
    }
}

#[cfg(CONFIG_X86_64)]
crate::declare_per_cpu! {
    /// Holds this CPU's offset: one of the first variables of a unit.
    // SAFETY: C sets it at boot and only reads it since. Here nothing but its address is asked for.
    unsafe static THIS_CPU_OFF: c_ulong = bindings::this_cpu_off;
}

/// Returns where the lowest unit of the first chunk begins, which is that of `cpu`.
#[cfg(CONFIG_X86_64)]
fn lowest_unit(cpu: PossibleCpu) -> Option<usize> {
    if first_chunk() != FirstChunk::Embed {
        return None;
    }

    // Far less than `PMD_SIZE` is in front of it.
    Some(THIS_CPU_OFF.per_cpu_ptr(cpu).addr() & !(bindings::KERNEL_EXT_PMD_SIZE - 1))
}

/// Returns nothing, as nobody knows where a unit begins.
#[cfg(not(CONFIG_X86_64))]
fn lowest_unit(_cpu: PossibleCpu) -> Option<usize> {
    None
}

/// Takes four bytes from the reserve and gives them back: their per-CPU address.
fn take_from_reserve() -> Result<usize> {
    let flags = gfp::as_raw(GFP_KERNEL | __GFP_NOWARN)?;
    // SAFETY: The allocator asks for a size of at most 32 KiB and for an alignment that is a power of two
    // of at most a page.
    let ptr = unsafe { bindings::pcpu_alloc_noprof(4, 4, true, flags) };

    if ptr.is_null() {
        return Err(ENOMEM);
    }
    // SAFETY: The memory was just allocated, and nobody else was told of it.
    unsafe { bindings::free_percpu(ptr) };
    Ok(ptr.addr())
}
