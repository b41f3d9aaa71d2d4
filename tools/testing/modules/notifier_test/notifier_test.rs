// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::notifier`: what kernel/notifier.c promises, for each kind of chain.
//!
//! The tests run when the module is loaded; /proc/notifier_test shows their outcomes as KTAP.

mod blocks;
mod c;
mod during;
mod heard;
mod order;
mod robust;
mod unique;

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::procfs::{
    self,
    Opener,
    SeqOperations, //
};

use crate::blocks::Outcome;

module! {
    type: NotifierTest,
    name: "notifier_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::notifier",
    license: "GPL",
}

/// A test: the kind of chain, what it is about, and whether it holds.
type Test = (&'static str, &'static str, Outcome);

/// The outcomes of all tests.
struct Report(KVec<Test>);

impl Report {
    /// Runs all tests.
    fn new() -> Result<Self> {
        let mut tests = KVec::new();
        let mut full = Ok(());
        let mut report = |test| full = full.and(tests.push(test, GFP_KERNEL).map_err(Error::from));

        order::run(&mut report);
        robust::run(&mut report);
        unique::run(&mut report);
        c::run(&mut report);
        during::run(&mut report);
        heard::run(&mut report);
        full.map(|()| Self(tests))
    }
}

impl SeqOperations for Report {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos < self.0.len().saturating_add(1)).then_some(pos)
    }

    fn show(&self, _: &(), index: usize, m: &SeqFile) -> Result {
        let Some((kind, description, outcome)) =
            index.checked_sub(1).and_then(|index| self.0.get(index))
        else {
            seq_print!(m, "KTAP version 1\n1..{}\n", self.0.len());
            return Ok(());
        };

        match outcome {
            Ok(()) => seq_print!(m, "ok {index} {kind}: {description}\n"),
            Err(failure) => seq_print!(m, "# {failure}\nnot ok {index} {kind}: {description}\n"),
        }
        Ok(())
    }
}

#[pin_data]
struct NotifierTest {
    #[pin]
    report: procfs::Registration<Report>,
}

impl kernel::InPlaceModule for NotifierTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            report <- procfs::Registration::new(c"notifier_test", 0o444, Report::new()?),
        }? Error)
    }
}
