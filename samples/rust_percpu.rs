// SPDX-License-Identifier: GPL-2.0

//! Sample: a static per-CPU variable, counted up and summed over all CPUs.

use kernel::prelude::*;
use kernel_ext::{
    cpumask,
    define_per_cpu, //
};

module! {
    type: RustPerCpu,
    name: "rust_percpu",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: static per-CPU variables",
    license: "GPL",
}

define_per_cpu! {
    /// Widgets that this CPU made.
    static WIDGETS: u64 = 0;
}

/// Adds up what all CPUs made.
fn widgets() -> u64 {
    WIDGETS.sum(cpumask::possible().iter())
}

struct RustPerCpu;

impl kernel::Module for RustPerCpu {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        for _ in 0..40 {
            WIDGETS.inc();
        }
        WIDGETS.add(2);

        pr_info!(
            "{} CPUs made {} widgets\n",
            cpumask::possible().weight(),
            widgets()
        );
        Ok(Self)
    }
}

impl Drop for RustPerCpu {
    fn drop(&mut self) {
        pr_info!("{} widgets in the end\n", widgets());
    }
}
