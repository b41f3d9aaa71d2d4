// SPDX-License-Identifier: GPL-2.0

//! For tools/bench: a counter of a group, counted up by whoever writes.
//!
//! Writing a number to /proc/bench_group counts eight times that many in the writer's context; the
//! record `Group bench_group` of /proc/tally has the total. bench_counts.c has the same for counters
//! in C.

use kernel::{
    prelude::*,
    seq_file::SeqFile, //
};
use kernel_ext::procfs::{
    self,
    Control,
    Opener,
    SeqOperations, //
};
use tally::{
    counters,
    Group, //
};

module! {
    type: BenchGroup,
    name: "bench_group",
    authors: ["The tally developers"],
    description: "Benchmark: a counter of a group",
    license: "GPL",
}

counters! {
    /// What is counted.
    struct Counts {
        /// What everybody who wrote has counted.
        count: u64,
    }
}

/// How often a turn of the loop counts, so that it is not the loop that is measured.
const TURN: usize = 8;

/// The file, which is empty.
struct File(Group<Counts>);

impl SeqOperations for File {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), _pos: usize) -> Option<usize> {
        None
    }

    fn show(&self, _guard: &(), _pos: usize, _m: &SeqFile) -> Result {
        Ok(())
    }
}

impl Control for File {
    fn write(&self, _opener: Opener<'_>, text: &[u8]) -> Result {
        let text = core::str::from_utf8(text).map_err(|_| EINVAL)?;
        let number = text.parse::<u32>().map_err(|_| EINVAL)?;

        for _ in 0..number {
            for _ in 0..TURN {
                self.0.count.inc();
            }
        }
        Ok(())
    }
}

#[pin_data]
struct BenchGroup {
    #[pin]
    file: procfs::Registration<File>,
}

impl kernel::InPlaceModule for BenchGroup {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let group = Group::new(c"bench_group")?;

            Ok(try_pin_init!(Self {
                file <- procfs::Registration::with_control(c"bench_group", 0o600, File(group)),
            }? Error))
        })
    }
}
