// SPDX-License-Identifier: GPL-2.0

//! A file in /proc may outlive the function that made it, if it is forgotten.
//! error: the parameter type `T` may not live long enough

use kernel::{
    prelude::*,
    seq_file::SeqFile, //
};
use kernel_ext::procfs::{
    Opener,
    SeqOperations, //
};

struct Borrowed<T>(T);

impl<T: Send + Sync> SeqOperations for Borrowed<T> {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _: &(), _: usize, _: &SeqFile) -> Result {
        Ok(())
    }
}

fn main() {}
