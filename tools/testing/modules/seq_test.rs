// SPDX-License-Identifier: GPL-2.0

//! Test module: /proc/seq_test, a file whose bytes are known and stay as they are.
//!
//! Reads of /proc/tally cannot be compared byte for byte, since it moves. This file is made of
//! the same pieces. `tools/testing/guest/test_reads.py` knows what is in it.

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

module! {
    type: SeqTest,
    name: "seq_test",
    authors: ["The tally developers"],
    description: "Test of kernel_ext: a file in /proc",
    license: "GPL",
}

const RECORDS: usize = 300;
/// Records are this far apart.
const STRIDE: usize = 7;
/// Longer than two pages, so that seq_file's buffer grows twice.
const LONG: usize = 100;
/// A record that prints nothing.
const EMPTY: usize = 200;

struct Records;

impl SeqOperations for Records {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), pos: usize) -> Option<usize> {
        let index = pos.div_ceil(STRIDE);
        (index < RECORDS).then_some(index.wrapping_mul(STRIDE))
    }

    fn show(&self, _guard: &(), pos: usize, m: &SeqFile) -> Result {
        let index = pos / STRIDE;
        let width = match index {
            EMPTY => return Ok(()),
            LONG => 9000,
            _ => index.wrapping_mul(37) % 500,
        };
        seq_print!(m, "record {index}: {:.>width$}\n", "");
        Ok(())
    }
}

#[pin_data]
struct SeqTest {
    #[pin]
    entry: procfs::Registration<Records>,
}

impl kernel::InPlaceModule for SeqTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entry <- procfs::Registration::new(c"seq_test", 0o444, Records),
        }? Error)
    }
}
