// SPDX-License-Identifier: GPL-2.0

//! Printing records, as many as a read takes, into a buffer that is ours.

use core::{
    marker::PhantomData,
    ops::ControlFlow, //
};

use kernel::{
    bindings::seq_file,
    prelude::*,
    seq_file::SeqFile,
    types::Opaque, //
};

/// Takes the records of a file, one after another, until there are enough for a read.
///
/// # Invariants
///
/// - The buffer of `m` is a slice that is borrowed for `'a`, and its size is that of the slice.
/// - The first `len` bytes of the buffer are the whole text of the records before `next`.
pub struct Printer<'a> {
    m: Opaque<seq_file>,
    _buffer: PhantomData<&'a mut [u8]>,
    /// How many bytes are enough.
    room: usize,
    len: usize,
    next: usize,
    touched: bool,
    ended: Option<Ended>,
}

/// Why no more records are taken.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    /// There are enough, or the next one goes into the next read.
    Enough,
    /// The first record needs a larger buffer.
    TooLong,
    /// The first record cannot be printed.
    Failed(Error),
}

/// What has been printed.
pub(super) struct Printed {
    /// Whether any byte of the buffer was written.
    pub(super) touched: bool,
    /// How many bytes the records have.
    pub(super) len: usize,
    /// The position behind the last record.
    pub(super) next: usize,
    /// Why printing ended; `None` if there were no more records.
    pub(super) ended: Option<Ended>,
}

impl<'a> Printer<'a> {
    /// Begins to print into `buffer`, with the first record at `next` or behind, until there are
    /// `room` bytes.
    pub(super) fn new(buffer: &'a mut [u8], room: usize, next: usize) -> Self {
        // INVARIANT: The buffer is borrowed for `'a`. Nothing has been printed.
        Self {
            m: Opaque::new(seq_file {
                buf: buffer.as_mut_ptr().cast(),
                size: buffer.len(),
                ..pin_init::zeroed()
            }),
            _buffer: PhantomData,
            room,
            len: 0,
            next,
            touched: false,
            ended: None,
        }
    }

    /// Prints the record at `pos` by `show`, and tells whether to go on with the one behind it.
    ///
    /// Positions must ascend, and be below `usize::MAX`: another one ends the file. Where a record
    /// does not fit, `show` is called again for it, with the next read or a larger buffer, so it
    /// must not consume anything. Its error is what the reader gets; one that is not for user space
    /// becomes `EIO`.
    #[inline]
    pub fn record(&mut self, pos: usize, show: impl FnOnce(&SeqFile) -> Result) -> ControlFlow<()> {
        // Positions only grow, up to a limit: so reading comes to an end, whatever the records say.
        if self.ended.is_some() || !(self.next..usize::MAX).contains(&pos) {
            return ControlFlow::Break(());
        }

        // SAFETY: By the type invariant the buffer and its size are valid, and nobody else's.
        // Printing uses them and the count alone. The reference does not outlive the call.
        let shown = show(unsafe { SeqFile::from_raw(self.m.get()) });

        // SAFETY: The `seq_file` is initialised, and nobody else has a reference to it any more.
        let seq_file { size, count, .. } = unsafe { &mut *self.m.get() };
        self.touched |= *count > 0;

        // A record is taken for cut off if it leaves no byte free, as by `seq_has_overflowed()`.
        let failed = match shown {
            Ok(()) if *count < *size => None,
            Ok(()) => Some(Ended::TooLong),
            Err(error) => Some(Ended::Failed(error)),
        };
        if let Some(failed) = failed {
            // It is printed again for the next read.
            *count = self.len;
            self.ended = Some(if self.len > 0 { Ended::Enough } else { failed });
            return ControlFlow::Break(());
        }

        // INVARIANT: The record's text is behind that of the others.
        self.len = *count;
        self.next = pos.wrapping_add(1);
        if self.len >= self.room {
            self.ended = Some(Ended::Enough);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Ends printing.
    pub(super) fn finish(self) -> Printed {
        Printed {
            touched: self.touched,
            len: self.len,
            next: self.next,
            ended: self.ended,
        }
    }
}
