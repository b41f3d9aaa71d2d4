// SPDX-License-Identifier: GPL-2.0

//! Printing into memory that is ours.

use kernel::{
    bindings::seq_file,
    prelude::*,
    seq_file::SeqFile,
    types::Opaque, //
};

/// Tells what came of printing a record.
pub(super) struct Printed {
    /// Whether any byte was written.
    pub(super) touched: bool,
    /// How many bytes the record has; `None` if it was cut off.
    pub(super) result: Result<Option<usize>>,
}

/// Lets `show` print into `place`.
///
/// A record is taken for cut off if it leaves no byte free, as by `seq_has_overflowed()`.
pub(super) fn print(place: &mut [u8], show: impl FnOnce(&SeqFile) -> Result) -> Printed {
    let m = Opaque::new(seq_file {
        buf: place.as_mut_ptr().cast(),
        size: place.len(),
        ..pin_init::zeroed()
    });

    // SAFETY: Printing uses the buffer, its size and how much of it is used, and writes nowhere
    // else. They are valid, and nobody else's, until the call is over; the reference does not
    // outlive it.
    let shown = show(unsafe { SeqFile::from_raw(m.get()) });

    // SAFETY: It is initialised, and nobody has a reference to it any more.
    let count = unsafe { (*m.get()).count };
    Printed {
        touched: count > 0,
        result: shown.map(|()| (count < place.len()).then_some(count)),
    }
}
