// SPDX-License-Identifier: GPL-2.0

//! What a file consists of.

use core::ops::ControlFlow;

use kernel::{
    prelude::*,
    seq_file::SeqFile, //
};

use super::{
    Opener,
    Printer, //
};

/// Gives the records of a file.
///
/// Each record has a position, which orders them. Positions need not be dense: where records come
/// and go, one that keeps its position while it lives is not skipped or shown twice because of
/// others.
///
/// A read prints as many records as fit. Between two reads nothing is held, so records may come
/// and go meanwhile; a reader goes on behind the position of the last one that it has seen. All
/// functions run in process context and may sleep.
///
/// A read at byte 0 prints the records anew. Whoever seeks back to a byte of what the last read of
/// that open file gave gets the very text again: it is still in the buffer, of which an open file
/// has one, of a page or, if a record is longer, the next power of two. Any other byte is found by
/// printing the records anew up to it.
///
/// A file whose records are found fast one by one implements [`SeqOperations`] instead.
pub trait Records: Send + Sync + 'static {
    /// Keeps the records still while some are printed, as a lock guard does.
    type Guard;

    /// Hears that somebody begins to read: by a read at byte 0, before anything is printed for it.
    ///
    /// Seeking, and reading elsewhere, begin nothing.
    fn begin(&self) {}

    /// Prepares for printing records for a file that `opener` opened.
    fn start(&self, opener: Opener<'_>) -> Self::Guard;

    /// Shows the records at `pos` and behind, in the order of their positions, by
    /// [`Printer::record`], until that breaks.
    ///
    /// Called under the guard that [`start`](Self::start) gave. There may be no record at `pos` or
    /// behind any more.
    fn show_from(
        &self,
        guard: &Self::Guard,
        pos: usize,
        printer: &mut Printer<'_>,
    ) -> ControlFlow<()>;
}

/// Gives the records of a file one by one: `struct seq_operations`.
///
/// What [`Records`] says of records, positions and context holds here too.
pub trait SeqOperations: Send + Sync + 'static {
    /// Keeps the records still while some are printed, as a lock guard does.
    type Guard;

    /// Hears that somebody begins to read, as [`Records::begin`] does.
    fn begin(&self) {}

    /// Prepares for printing records for a file that `opener` opened.
    fn start(&self, opener: Opener<'_>) -> Self::Guard;

    /// Finds the position of the first record at `pos` or behind; `None` if there is none.
    ///
    /// Positions are below `usize::MAX`: another position, or one before `pos`, counts as `None`.
    fn seek(&self, guard: &Self::Guard, pos: usize) -> Option<usize>;

    /// Prints the record at `pos`, which [`seek`](Self::seek) found under this guard; nothing if it
    /// has gone since.
    ///
    /// Called again, with a larger buffer, when the record did not fit: so it must not consume
    /// anything. An error is what the reader gets; one that is not for user space becomes `EIO`.
    fn show(&self, guard: &Self::Guard, pos: usize, m: &SeqFile) -> Result;
}

impl<T: SeqOperations> Records for T {
    type Guard = T::Guard;

    fn begin(&self) {
        SeqOperations::begin(self);
    }

    fn start(&self, opener: Opener<'_>) -> T::Guard {
        SeqOperations::start(self, opener)
    }

    fn show_from(
        &self,
        guard: &T::Guard,
        pos: usize,
        printer: &mut Printer<'_>,
    ) -> ControlFlow<()> {
        let mut from = pos;
        while let Some(pos) = self.seek(guard, from) {
            printer.record(pos, |m| self.show(guard, pos, m))?;
            // The printer went on, so the position is not the last that there can be.
            from = pos.wrapping_add(1);
        }
        ControlFlow::Continue(())
    }
}
