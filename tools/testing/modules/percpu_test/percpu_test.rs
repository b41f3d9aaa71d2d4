// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::percpu`: every operation on every type in every place.
//!
//! The tests run when /proc/percpu_test is read, which prints KTAP.

mod attributes;
mod declared;
mod double;
mod foreign;
mod hostile;
#[path = "../ktap.rs"]
mod ktap;
mod operations;
mod places;
mod sums;

use kernel::prelude::*;
use kernel_ext::procfs;

module! {
    type: PerCpuTest,
    name: "percpu_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::percpu",
    license: "GPL",
}

/// All cases, in the order of the report.
const CASES: &[&[ktap::Case]] = &[
    places::CASES,
    double::CASES,
    declared::CASES,
    foreign::CASES,
    attributes::CASES,
    hostile::CASES,
    sums::CASES,
];

#[pin_data]
struct PerCpuTest {
    #[pin]
    report: procfs::Registration<ktap::Report>,
}

impl kernel::InPlaceModule for PerCpuTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            report <- procfs::Registration::new(c"percpu_test", 0o444, ktap::Report(CASES)),
        }? Error)
    }
}
