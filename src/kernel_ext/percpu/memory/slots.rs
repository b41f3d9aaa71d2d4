// SPDX-License-Identifier: GPL-2.0

//! Counters that share allocations.

use core::ops::Deref;

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc,
        Mutex, //
    }, //
};

use super::{
    array::Array,
    var::PerCpu, //
};
use crate::sync::named_mutex;

/// Counters that are made and released one by one, dense in memory: 8 bytes a CPU each.
///
/// An allocation has 64 of them. A counter that is released can be had again, and starts at zero.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::percpu::Slots;
///
/// let slots = KBox::pin_init(Slots::new(), GFP_KERNEL)?;
/// let one = slots.alloc(GFP_KERNEL)?;
/// let two = slots.alloc(GFP_KERNEL)?;
///
/// one.add(5);
/// assert_eq!(one.sum_possible(), 5);
/// assert_eq!(two.sum_possible(), 0);
///
/// drop(one);
/// assert_eq!(slots.alloc(GFP_KERNEL)?.sum_possible(), 0);
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct Slots {
    #[pin]
    chunks: Mutex<KVec<Arc<Chunk>>>,
    /// How many counters there is memory for.
    capacity: Atomic<usize>,
}

impl Slots {
    /// No counters, and no memory for any.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            chunks <- named_mutex!(KVec::new(), c"Slots::chunks"),
            capacity: Atomic::new(0),
        })
    }

    /// A counter, zero on all CPUs. Sleeps. `flags` are for the memory, if there has to be more.
    pub fn alloc(&self, flags: Flags) -> Result<Slot> {
        let mut chunks = self.chunks.lock();

        let taken = match chunks.iter().find_map(Chunk::take) {
            Some(taken) => taken,
            None => {
                let chunk = Arc::new(Chunk::new(flags)?, flags)?;
                chunks.push(chunk.clone(), flags)?;
                self.count(&chunks);
                Chunk::take(&chunk).ok_or(ENOMEM)?
            }
        };
        Ok(Slot(Arc::new(taken, flags)?))
    }

    /// Gives memory back that no counter is in. Sleeps.
    pub fn trim(&self) {
        let mut chunks = self.chunks.lock();

        chunks.retain(|chunk| chunk.used.load(Relaxed) != 0);
        self.count(&chunks);
    }

    fn count(&self, chunks: &[Arc<Chunk>]) {
        let capacity = chunks.len().wrapping_mul(Chunk::SLOTS);
        self.capacity.store(capacity, Relaxed);
    }

    /// How many counters there is memory for, those that are free included. Any context.
    pub fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }
}

/// Counters in one allocation.
///
/// # Invariants
///
/// Each bit that is set in `used` belongs to one [`Taken`]. All other counters are zero on all
/// possible CPUs, and nobody refers to them.
struct Chunk {
    counters: Array<u64>,
    used: Atomic<u64>,
}

impl Chunk {
    // CAST: 64.
    const SLOTS: usize = u64::BITS as usize;

    fn new(flags: Flags) -> Result<Self> {
        // INVARIANT: All are zero and free.
        Ok(Self {
            counters: Array::zeroed(Self::SLOTS, flags)?,
            used: Atomic::new(0),
        })
    }

    /// Takes a counter that is free. To be called under the lock of the chunks.
    fn take(this: &Arc<Self>) -> Option<Taken> {
        // ORDERING: Who freed the counter has zeroed it.
        // CAST: Widening.
        let index = this.used.load(Acquire).trailing_ones() as usize;
        if index >= Self::SLOTS {
            return None;
        }

        // INVARIANT: The bit was not set, and nobody else sets bits, under the lock.
        this.used.add(1 << index, Relaxed);
        Some(Taken {
            chunk: this.clone(),
            index,
        })
    }
}

/// A counter that is in use.
///
/// # Invariants
///
/// The bit `index` of the chunk is this one's, and below `Chunk::SLOTS`.
struct Taken {
    chunk: Arc<Chunk>,
    index: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        // SAFETY: By the type invariant nobody else has this counter, and references to it are
        // borrowed from `self`.
        unsafe { self.chunk.counters.write(self.index, 0) };

        // INVARIANT: The counter is zero.
        // ORDERING: Who takes it sees the zeroes.
        self.chunk.used.fetch_sub(1 << self.index, Release);
    }
}

/// One of [`Slots`], which are there for as long as it is. A clone is the same counter.
#[derive(Clone)]
pub struct Slot(Arc<Taken>);

impl Deref for Slot {
    type Target = PerCpu<u64>;

    #[inline(always)]
    fn deref(&self) -> &PerCpu<u64> {
        let taken = &*self.0;

        // SAFETY: By its type invariant the index is in bounds.
        unsafe { taken.chunk.counters.get_unchecked(taken.index) }
    }
}
