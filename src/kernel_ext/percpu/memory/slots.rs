// SPDX-License-Identifier: GPL-2.0

//! Counters that share allocations.
//!
//! The allocator needs more memory to keep an account of a word than the word takes. So counters that
//! come and go one by one are elements of arrays of 64, the [`Chunk`]s. A chunk has a word with a bit
//! for each counter, which is set while the counter is in use.
//!
//! # Life of a counter
//!
//! [`Slots::alloc`] sets the bit and gives a [`Slot`] out, whose clones are the same counter. When
//! the last one is dropped the counter is zeroed on all CPUs and its bit is cleared, without the lock
//! of the chunks. A chunk stays until [`Slots::trim`] finds it without counters; each counter keeps the
//! chunk that it is in, so one that outlives its [`Slots`] is no danger.
//!
//! # Memory ordering
//!
//! The next user of a counter must see the zeroes and nothing older. Both sides meet at the bit:
//!
//! ```text
//! the last user: Taken::drop()             the next user: Chunk::take()
//!
//! counter[cpu] = 0, for each CPU
//! used -= bit, Release    ------------->   used, Acquire: the bit is clear
//!                                          used += bit, Relaxed
//!                                          counter[cpu] is 0
//! ```
//!
//! To set the bit no order is needed: only `take()` sets bits, under the lock of the chunks, and whoever
//! passes the `Slot` on publishes it. What CPUs added comes before the zeroes: whoever added had a
//! clone, whose drop comes before the last drop by the count of the `Arc`, or was a probe, for whose
//! end its owner has waited.

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

/// Gives out counters one by one, dense in memory: 8 bytes a CPU each.
///
/// An allocation has 64 of them. A counter that is given back can be had again, and starts at zero.
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
    /// Counts how many counters there is memory for.
    capacity: Atomic<usize>,
}

impl Slots {
    /// Makes a source of counters, which has no memory yet.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            chunks <- named_mutex!(KVec::new(), c"Slots::chunks"),
            capacity: Atomic::new(0),
        })
    }

    /// Returns a counter that nobody else has, zero on all CPUs.
    ///
    /// Sleeps. `flags` are for the memory, if there has to be more. Fails as
    /// [all allocations](crate::percpu#errors) do.
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

    /// Frees memory that no counter is in.
    ///
    /// Sleeps.
    pub fn trim(&self) {
        let mut chunks = self.chunks.lock();

        chunks.retain(|chunk| chunk.used.load(Relaxed) != 0);
        self.count(&chunks);
    }

    /// Stores how many counters `chunks` have room for.
    fn count(&self, chunks: &[Arc<Chunk>]) {
        let capacity = chunks.len().wrapping_mul(Chunk::SLOTS);
        self.capacity.store(capacity, Relaxed);
    }

    /// Returns how many counters there is memory for, those that are free included.
    ///
    /// Any context.
    pub fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }
}

/// Holds 64 counters in one allocation.
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
    /// Gives the number of counters of a chunk.
    // CAST: 64.
    const SLOTS: usize = u64::BITS as usize;

    /// Makes a chunk whose counters are all free.
    fn new(flags: Flags) -> Result<Self> {
        // INVARIANT: The memory is zeroed, nobody refers to it, and no bit is set.
        Ok(Self {
            counters: Array::zeroed(Self::SLOTS, flags)?,
            used: Atomic::new(0),
        })
    }

    /// Takes a counter that is free.
    ///
    /// To be called under the lock of the chunks.
    fn take(this: &Arc<Self>) -> Option<Taken> {
        // ORDERING: Acquire, paired with the Release in `Taken::drop`: a counter whose bit is seen to be
        // clear is seen to be zero.
        // CAST: Widening.
        let index = this.used.load(Acquire).trailing_ones() as usize;
        if index >= Self::SLOTS {
            return None;
        }

        // INVARIANT: The bit was clear, and nobody else sets bits, as the caller has the lock.
        // ORDERING: Relaxed, as nobody infers anything from a bit that is set.
        this.used.add(1 << index, Relaxed);
        Some(Taken {
            chunk: this.clone(),
            index,
        })
    }
}

/// Holds a counter that is in use, and makes it free again when dropped.
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
        // SAFETY: By the type invariant the index is in bounds, and the counter is this one's. All
        // references to it were borrowed from `self`, so none is left.
        unsafe { self.chunk.counters.write(self.index, 0) };

        // INVARIANT: The counter is zero on all possible CPUs, and nobody refers to it.
        // ORDERING: Release, paired with the Acquire in `Chunk::take`: the zeroes come first.
        self.chunk.used.fetch_sub(1 << self.index, Release);
    }
}

/// Refers to a counter of a [`Slots`], and gives it back when the last clone is dropped.
///
/// It keeps the counter's memory, also if the [`Slots`] is gone.
#[derive(Clone)]
pub struct Slot(Arc<Taken>);

impl Deref for Slot {
    type Target = PerCpu<u64>;

    #[inline(always)]
    fn deref(&self) -> &PerCpu<u64> {
        let taken = &*self.0;

        // SAFETY: By the invariant of `Taken` the index is in bounds.
        unsafe { taken.chunk.counters.get_unchecked(taken.index) }
    }
}
