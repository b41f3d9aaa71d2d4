// SPDX-License-Identifier: GPL-2.0

//! Sample: an object for each CPU, and an object that everybody refers to.
//!
//! A disk gives tags to requests, out of a cache that each CPU has its own of, and goes when the last
//! request is done.

use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        SpinLock, //
    }, //
};
use kernel_ext::{
    cpumask,
    percpu::{
        get_cpu,
        raw_smp_processor_id,
        Counted,
        LocalLock,
        PerCpuRef,
        PerCpuShared,
        Reference, //
    }, //
};

module! {
    type: RustPerCpuObjects,
    name: "rust_percpu_objects",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: objects for each CPU, and references that are cheap to take",
    license: "GPL",
}

/// A disk, and what belongs to its requests.
struct Disk {
    /// Tags that are free, on each CPU. An interrupt that comes while a task has the cache gets none.
    caches: LocalLock<KVec<u32>>,
    /// The next tag that there has not been yet.
    next: Atomic<u32>,
    /// The largest request on each CPU, and its tag. Other CPUs look at it, so it has a lock that makes
    /// them wait.
    largest: PerCpuShared<SpinLock<(u64, u32)>>,
}

impl Counted for Disk {
    fn release(&self) {
        pr_info!("no request is left\n");
    }
}

impl Disk {
    /// How many tags a CPU keeps.
    const CACHED: usize = 16;

    fn new() -> Result<Self> {
        Ok(Self {
            caches: LocalLock::new(GFP_KERNEL, |_cpu| {
                Ok(KVec::with_capacity(Self::CACHED, GFP_KERNEL)?)
            })?,
            next: Atomic::new(0),
            largest: PerCpuShared::pin_init(GFP_KERNEL, |_cpu| new_spinlock!((0, 0)))?,
        })
    }

    /// Returns a tag of this CPU's cache; a new one if that is empty, or taken by the code that this
    /// interrupts.
    fn tag(&self) -> u32 {
        self.caches
            .try_lock()
            .and_then(|mut free| free.pop())
            .unwrap_or_else(|| self.next.fetch_add(1, Relaxed))
    }

    /// Puts a tag into this CPU's cache, if there is room and nobody has it. Otherwise the tag is
    /// forgotten: there are more.
    fn put(&self, tag: u32) {
        if let Some(mut free) = self.caches.try_lock() {
            let _ = free.push_within_capacity(tag);
        }
    }

    /// Returns the largest request of all CPUs.
    fn largest(&self) -> (u64, u32) {
        cpumask::possible()
            .iter()
            .map(|cpu| *self.largest.get_remote(cpu).lock())
            .max()
            .unwrap_or_default()
    }
}

/// A request. It keeps its disk, wherever it is kept.
struct Request {
    disk: Reference<Disk>,
    tag: u32,
}

impl Request {
    /// Makes a request; fails with `ENODEV` if the disk is about to go.
    fn new(disk: &PerCpuRef<Disk>, bytes: u64) -> Result<Self> {
        let disk = disk.try_get().ok_or(ENODEV)?;
        let tag = disk.tag();

        // If the task is moved to another CPU now the lock still keeps the pair together.
        let mut largest = disk.largest.get_remote(raw_smp_processor_id()).lock();
        *largest = (bytes, tag).max(*largest);
        drop(largest);

        Ok(Self { disk, tag })
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.disk.put(self.tag);
    }
}

struct RustPerCpuObjects;

impl kernel::Module for RustPerCpuObjects {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let disk = KBox::pin_init(PerCpuRef::new(Disk::new()?, GFP_KERNEL), GFP_KERNEL)?;

        // On one CPU, so that its cache is the one that the tag is put into.
        let pin = get_cpu();
        let tag = disk.tag();
        disk.put(tag);
        let again = disk.tag();
        disk.put(again);
        drop(pin);
        pr_info!("tag {tag} was put back, and then tag {again} was taken\n");

        let mut requests = KVec::new();
        for bytes in [512, 4096, 1024] {
            requests.push(Request::new(&disk, bytes)?, GFP_KERNEL)?;
        }
        pr_info!("the largest request has {} bytes\n", disk.largest().0);

        disk.kill();
        let refused = Request::new(&disk, 512).is_err();
        pr_info!("a request that comes late is refused: {refused}\n");
        pr_info!("{} requests go on\n", requests.len());
        requests.clear();
        // Dropping the disk would wait, too.
        disk.wait();
        Ok(Self)
    }
}
