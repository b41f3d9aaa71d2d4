// SPDX-License-Identifier: GPL-2.0

//! Sample: per-CPU counts whose total is cheap to read, and what makes counting cheaper still.

use core::cmp::Ordering;

use kernel::prelude::*;
use kernel_ext::percpu::{
    get_cpu,
    HasCmpxchg128,
    PerCpuBox,
    PerCpuCounter,
    RatelimitedSum, //
};

module! {
    type: RustPerCpuCounter,
    name: "rust_percpu_counter",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: per-CPU counts with a total that is cheap to read",
    license: "GPL",
}

/// A pool of blocks, as a filesystem has one.
#[pin_data]
struct Pool {
    /// Blocks that are free. Many are taken at a time, so what a CPU keeps to itself is limited by
    /// their number.
    #[pin]
    free: PerCpuCounter,
    /// Buffers in use. They come one by one, so what a CPU keeps to itself is limited by how often
    /// it changed.
    buffers: RatelimitedSum,
    /// How often somebody looked at the pool. If a few are lost nobody minds.
    looks: PerCpuBox<u64>,
    /// On each CPU the block that was freed last, and in the upper word how many were freed.
    last: PerCpuBox<u128>,
}

impl Pool {
    /// How many blocks a CPU takes before the total hears of it.
    const BATCH: i32 = 32;

    fn new(blocks: i64) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            free <- PerCpuCounter::new(blocks, GFP_KERNEL),
            buffers: RatelimitedSum::new(3, GFP_KERNEL)?,
            looks: PerCpuBox::zeroed(GFP_KERNEL)?,
            last: PerCpuBox::zeroed(GFP_KERNEL)?,
        }? Error)
    }

    fn take(&self, blocks: i64) {
        self.free.add_batch(blocks.wrapping_neg(), Self::BATCH);
    }

    /// Returns whether so many blocks are free. The CPUs are walked only if it is a close thing.
    fn has(&self, blocks: i64) -> bool {
        // On x86-64 this is the instruction of `looks.inc()`. Elsewhere it saves that interrupts are
        // turned off, and may lose what one of them does.
        self.looks.raw().inc();

        self.free.compare(blocks) != Ordering::Less
    }

    /// Takes note of a block that was freed. Both words change at once, so an interrupt that frees
    /// another block never finds one of them without the other.
    fn freed(&self, has: HasCmpxchg128, block: u64) {
        let mut old = 0_u128;

        loop {
            let count = (old >> 64).wrapping_add(1);
            let new = (count << 64) | u128::from(block);
            if self.last.try_cmpxchg128(has, &mut old, new) {
                return;
            }
        }
    }

    fn print(&self) {
        pr_info!(
            "{} blocks are free at a glance, {} exactly\n",
            self.free.read(),
            self.free.sum()
        );
        pr_info!(
            "{} buffers are in use at a glance, {} exactly\n",
            self.buffers.read(),
            self.buffers.sum()
        );
    }
}

struct RustPerCpuCounter;

impl kernel::Module for RustPerCpuCounter {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let pool = KBox::pin_init(Pool::new(100), GFP_KERNEL)?;

        // On one CPU, so that it is known when the totals hear of it.
        let pin = get_cpu();
        pool.take(20);
        pool.buffers.add(2);
        pool.buffers.add(-1);
        pool.print();
        pool.take(20);
        pool.buffers.add(1);
        pool.print();

        let enough = pool.has(50) && !pool.has(70);
        pr_info!(
            "50 blocks, but not 70: {enough}, in {} looks\n",
            pool.looks.sum_possible()
        );

        match HasCmpxchg128::get() {
            Some(has) => {
                pool.freed(has, 7);
                pool.freed(has, 9);
                let last = pool.last.cmpxchg128(has, 0, 0);
                // CAST: The lower word.
                pr_info!("{} blocks were freed, last {}\n", last >> 64, last as u64);
            }
            None => pr_info!("this CPU does not exchange two words at once\n"),
        }
        drop(pin);
        Ok(Self)
    }
}
