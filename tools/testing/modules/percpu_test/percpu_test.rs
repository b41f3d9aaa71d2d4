// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::percpu`: every operation on every type in every place.
//!
//! The tests run when /proc/percpu_test is read, which prints KTAP.

mod declared;
mod double;
mod operations;
mod places;
mod sums;

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::procfs::{
    SeqEntry,
    SeqOperations, //
};

use operations::Case;

/// All cases, in the order of the report.
fn cases() -> impl Iterator<Item = &'static Case> {
    [places::CASES, double::CASES, declared::CASES, sums::CASES]
        .into_iter()
        .flatten()
}

module! {
    type: PerCpuTest,
    name: "percpu_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::percpu",
    license: "GPL",
}

/// The plan, and then a line for each case.
struct Report;

impl SeqOperations for Report {
    type Guard = ();

    fn start(&self) {}

    fn len(&self, _: &()) -> usize {
        cases().count().saturating_add(1)
    }

    fn show(&self, _: &(), index: usize, m: &SeqFile) -> Result {
        let Some((name, case)) = index.checked_sub(1).and_then(|index| cases().nth(index)) else {
            seq_print!(m, "KTAP version 1\n1..{}\n", cases().count());
            return Ok(());
        };

        match case() {
            Ok(()) => seq_print!(m, "ok {index} {name}\n"),
            Err(failure) => seq_print!(m, "# {failure}\nnot ok {index} {name}\n"),
        }
        Ok(())
    }
}

#[pin_data]
struct PerCpuTest {
    #[pin]
    report: SeqEntry<Report>,
}

impl kernel::InPlaceModule for PerCpuTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            report <- SeqEntry::new(c"percpu_test", 0o444, Report),
        }? Error)
    }
}
