// SPDX-License-Identifier: GPL-2.0

//! Sample: a module's own per-CPU counters in /proc/tally. It counts how often /proc/rust_group is
//! read.

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
use tally::{
    counters,
    Group, //
};

module! {
    type: RustGroup,
    name: "rust_group",
    authors: ["The tally developers"],
    description: "Sample of tally: a module's own counters in /proc/tally",
    license: "GPL",
}

counters! {
    /// What is counted of /proc/rust_group.
    struct Reads {
        /// Calls of read(2), the one that finds the end too.
        reads: u64,
        /// Lines that they got.
        lines: u64,
    }
}

/// The lines of the file, and what was counted of them.
struct Lines(Group<Reads>);

impl Lines {
    const TEXT: [&str; 3] = ["Each", "line", "counts."];
}

impl SeqOperations for Lines {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {
        self.0.reads.inc();
    }

    fn seek(&self, _guard: &(), pos: usize) -> Option<usize> {
        (pos < Self::TEXT.len()).then_some(pos)
    }

    fn show(&self, _guard: &(), pos: usize, m: &SeqFile) -> Result {
        if let Some(line) = Self::TEXT.get(pos) {
            seq_print!(m, "{line}\n");
            self.0.lines.inc();
        }
        Ok(())
    }
}

#[pin_data]
struct RustGroup {
    #[pin]
    file: procfs::Registration<Lines>,
}

impl kernel::InPlaceModule for RustGroup {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let group = Group::new(c"rust_group")?;

            Ok(try_pin_init!(Self {
                file <- procfs::Registration::new(c"rust_group", 0o444, Lines(group)),
            }? Error))
        })
    }
}
