// SPDX-License-Identifier: GPL-2.0

//! A file in /proc may outlive the function that made it, if it is forgotten.
//! error: lifetime bound not satisfied

use kernel::{
    prelude::*,
    seq_file::SeqFile, //
};
use kernel_ext::procfs::SeqOperations;

struct Borrowed<'a>(&'a u64);

impl<'a> SeqOperations for Borrowed<'a> {
    type Guard = ();

    fn start(&self) {}

    fn len(&self, _: &()) -> usize {
        1
    }

    fn show(&self, _: &(), _: usize, _: &SeqFile) -> Result {
        Ok(())
    }
}

fn main() {}
