// SPDX-License-Identifier: GPL-2.0

//! Sample: per-CPU statistics that are allocated, as a driver has for each of its devices.

use kernel::prelude::*;
use kernel_ext::{
    cpumask,
    per_cpu_struct,
    percpu::{
        Histogram,
        PerCpuBox, //
    }, //
};

module! {
    type: RustPerCpuAlloc,
    name: "rust_percpu_alloc",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: allocated per-CPU variables",
    license: "GPL",
}

per_cpu_struct! {
    /// What a device did on this CPU.
    struct Stats {
        requests: u64,
        bytes: u64,
        errors: u32,
    }
}

/// A device. Its statistics go when it goes.
struct Device {
    stats: PerCpuBox<Stats>,
    sizes: Histogram,
}

impl Device {
    fn new() -> Result<Self> {
        Ok(Self {
            stats: PerCpuBox::zeroed(GFP_KERNEL)?,
            sizes: Histogram::new(GFP_KERNEL)?,
        })
    }

    /// Takes note of a request: one instruction for each number, in any context.
    fn request(&self, bytes: u64) {
        self.stats.requests.inc();
        self.stats.bytes.add(bytes);
        self.sizes.record(bytes);
        if bytes == 0 {
            self.stats.errors.inc();
        }
    }

    fn print(&self) {
        let cpus = || cpumask::possible().iter();

        pr_info!(
            "{} requests, {} bytes, {} errors\n",
            self.stats.requests.sum(cpus()),
            self.stats.bytes.sum(cpus()),
            self.stats.errors.sum(cpus())
        );
        for bucket in 0..Histogram::BUCKETS {
            let count = self.sizes.sum(bucket, cpus()).unwrap_or(0);
            if count > 0 {
                pr_info!("{count} requests below 2^{bucket} bytes\n");
            }
        }
    }
}

struct RustPerCpuAlloc;

impl kernel::Module for RustPerCpuAlloc {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let device = Device::new()?;

        for bytes in [512, 4096, 4096, 0] {
            device.request(bytes);
        }
        device.print();
        Ok(Self)
    }
}
