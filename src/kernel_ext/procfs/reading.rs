// SPDX-License-Identifier: GPL-2.0

//! How far an open file has been read, and the text that was printed last.

use kernel::{
    iov::IovIterDest,
    prelude::*,
    sync::Mutex, //
};

use super::{
    print::{
        Ended,
        Printed,
        Printer, //
    },
    Opener,
    Records, //
};
use crate::{
    bindings::{
        KERNEL_EXT_MAX_RW_COUNT,
        PAGE_SIZE, //
    },
    compat::zeroed_bytes,
    sync::named_mutex, //
};

/// Holds what an open file keeps between two reads.
///
/// One read gives text from one filling of the buffer alone. So whatever the last read gave is in
/// the buffer, whoever seeks back in it gets the same text again, and nothing else has to be kept.
///
/// # Invariants
///
/// - `len` is at most the length of `buffer`.
/// - The first `len` bytes of `buffer` are what the file has from the byte `start` on, in the
///   printing that goes on with the first record at `next` or behind.
pub(super) struct Reading {
    buffer: KVVec<u8>,
    len: usize,
    start: u64,
    next: usize,
}

impl Reading {
    /// Makes the state of a file that has just been opened.
    pub(super) fn new() -> impl PinInit<Mutex<Self>> {
        // INVARIANT: The buffer is empty.
        named_mutex!(
            Self {
                buffer: KVVec::new(),
                len: 0,
                start: 0,
                next: 0,
            },
            c"procfs::Reading"
        )
    }

    /// Gives what stands at the byte `pos`: as much as fits into `to` and is at hand, nothing at
    /// the file's end.
    ///
    /// At byte 0 the file is printed anew. Elsewhere the text stays the same if it is still in the
    /// buffer or follows what is; otherwise the file is printed anew up to there.
    pub(super) fn read<T: Records>(
        &mut self,
        records: &T,
        opener: Opener<'_>,
        pos: u64,
        to: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }

        if pos == 0 {
            records.begin();
            self.rewind();
        } else if !(self.start..=self.end()).contains(&pos) {
            self.find(records, opener, pos)?;
        }
        if pos == self.end() {
            self.fill(records, opener, to.len())?;
        }

        let text = self.text_from(pos);
        match to.copy_to_iter(text) {
            0 if !text.is_empty() => Err(EFAULT),
            copied => Ok(copied),
        }
    }

    /// Returns the position of the byte behind the text.
    fn end(&self) -> u64 {
        // CAST: Widening.
        self.start.wrapping_add(self.len as u64)
    }

    /// Returns the text from the byte `pos` on, which is not in front of it.
    fn text_from(&self, pos: u64) -> &[u8] {
        // CAST: A text is never so long that its length is cut off.
        let from = pos.wrapping_sub(self.start) as usize;
        self.buffer.get(from..self.len).unwrap_or_default()
    }

    /// Forgets the text, and begins at the first record again.
    fn rewind(&mut self) {
        // INVARIANT: There is no text, and nothing is printed yet.
        self.len = 0;
        self.start = 0;
        self.next = 0;
    }

    /// Prints the file anew until its text reaches the byte `pos`.
    ///
    /// A file that is not so long goes on there with the records that come.
    fn find<T: Records>(&mut self, records: &T, opener: Opener<'_>, pos: u64) -> Result {
        self.rewind();

        while self.end() < pos {
            let end = self.end();
            self.fill(records, opener, usize::MAX)?;
            if self.end() == end {
                // INVARIANT: There is no text.
                self.len = 0;
                self.start = pos;
            }
        }
        Ok(())
    }

    /// Prints the records that are next, until there are `room` bytes or the buffer is full.
    ///
    /// The text that was there goes if there is a new one. A record that is longer than the buffer
    /// gets a larger one.
    fn fill<T: Records>(&mut self, records: &T, opener: Opener<'_>, room: usize) -> Result {
        if self.buffer.is_empty() {
            self.buffer = zeroed_bytes(PAGE_SIZE, GFP_KERNEL_ACCOUNT)?;
        }

        loop {
            match self.print_some(records, opener, room) {
                None | Some(Ended::Enough) => return Ok(()),
                Some(Ended::Failed(error)) => return Err(error),
                Some(Ended::TooLong) => {}
            }

            let size = self.buffer.len().saturating_mul(2);
            if size > KERNEL_EXT_MAX_RW_COUNT {
                return Err(ENOMEM);
            }
            // The old buffer goes first, so that there are never two.
            self.buffer = KVVec::new();
            self.buffer = zeroed_bytes(size, GFP_KERNEL_ACCOUNT)?;
        }
    }

    /// Prints the next records into the buffer that there is, under one guard.
    fn print_some<T: Records>(
        &mut self,
        records: &T,
        opener: Opener<'_>,
        room: usize,
    ) -> Option<Ended> {
        let mut printer = Printer::new(&mut self.buffer, room, self.next);
        // Whether there are more records does not matter: the next read asks for them.
        let _ = records.show_from(&records.start(opener), self.next, &mut printer);
        let Printed {
            touched,
            len,
            next,
            ended,
        } = printer.finish();

        // INVARIANT: What has been written over is no text any more; the new text, which may be
        // empty, begins where the old one ended.
        if touched {
            self.start = self.end();
            self.len = len;
        }
        self.next = next;
        ended
    }
}
