// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::percpu`: memory that is allocated, and what is built on it.
//!
//! The tests run when /proc/percpu_alloc_test is read, which prints KTAP. Some need a machine that
//! is as `tools/testing/guest/test_percpu_alloc.py` makes it.

mod alignment;
mod counters;
mod flags;
mod holders;
#[path = "../ktap.rs"]
mod ktap;
mod local_lock;
mod memory;
mod refcount;
#[path = "../tasks.rs"]
mod tasks;

use kernel::prelude::*;
use kernel_ext::{
    cpuhp::PrepareRegistration,
    percpu::Array,
    procfs, //
};

use ktap::Report;

module! {
    type: PerCpuAllocTest,
    name: "percpu_alloc_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::percpu: what is allocated",
    license: "GPL",
}

#[pin_data]
struct PerCpuAllocTest {
    #[pin]
    report: procfs::Registration<Report>,
    #[pin]
    copies: PrepareRegistration<local_lock::Copies>,
    #[pin]
    leaked: PrepareRegistration<holders::Leaked>,
    /// 32 KiB for each possible CPU, to be found in the statistics of modprobe's cgroup.
    charged: Array<u64>,
}

impl kernel::InPlaceModule for PerCpuAllocTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            charged: Array::zeroed(4096, GFP_KERNEL_ACCOUNT)?,
            copies <- PrepareRegistration::new(c"percpu_alloc_test", local_lock::Copies::new()?),
            leaked <- PrepareRegistration::new(c"percpu_alloc_test", holders::Leaked::new()?),
            report <- procfs::Registration::new(
                c"percpu_alloc_test",
                0o444,
                Report(&[
                    memory::CASES,
                    alignment::CASES,
                    flags::CASES,
                    counters::CASES,
                    local_lock::CASES,
                    holders::CASES,
                    refcount::CASES,
                ]),
            ),
        }? Error)
    }
}
