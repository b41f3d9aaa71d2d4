// SPDX-License-Identifier: GPL-2.0

//! Test module: /proc/control_test, a file that shows what was written to it last, and to whom.
//!
//! `tools/testing/guest/test_writes.py` writes and reads it.

use kernel::{
    new_mutex,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::procfs::{
    self,
    Capability,
    Control,
    Opener,
    SeqOperations, //
};

module! {
    type: ControlTest,
    name: "control_test",
    authors: ["The tally developers"],
    description: "Test of kernel_ext: a file in /proc that takes commands",
    license: "GPL",
}

/// What was written last.
#[derive(Clone, Copy, Default)]
struct Written {
    bytes: usize,
    /// So that texts of the same length differ.
    sum: u64,
    /// How many writes were accepted.
    times: u64,
    /// Whether the writer's file was opened by somebody who may.
    may: bool,
}

struct Commands {
    last: Arc<Mutex<Written>>,
}

impl SeqOperations for Commands {
    type Guard = bool;

    fn start(&self, opener: Opener<'_>) -> bool {
        opener.capable(Capability::Perfmon)
    }

    fn seek(&self, _may: &bool, pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, may: &bool, _index: usize, m: &SeqFile) -> Result {
        let Written {
            bytes,
            sum,
            times,
            may: written,
        } = *self.last.lock();
        seq_print!(m, "{bytes} {sum} {times} {written} {may}\n");
        Ok(())
    }
}

impl Control for Commands {
    fn write(&self, opener: Opener<'_>, text: &[u8]) -> Result {
        if text.starts_with(b"bad") {
            return Err(ENOTTY);
        }

        let mut last = self.last.lock();
        *last = Written {
            bytes: text.len(),
            sum: text.iter().fold(0, |sum: u64, byte| {
                sum.wrapping_mul(31).wrapping_add((*byte).into())
            }),
            times: last.times.wrapping_add(1),
            may: opener.capable(Capability::Perfmon),
        };
        Ok(())
    }
}

#[pin_data]
struct ControlTest {
    #[pin]
    entry: procfs::Registration<Commands>,
}

impl kernel::InPlaceModule for ControlTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let last = Arc::pin_init(new_mutex!(Written::default()), GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                entry <- procfs::Registration::with_control(c"control_test", 0o666, Commands { last }),
            }? Error))
        })
    }
}
