// SPDX-License-Identifier: GPL-2.0

//! The line that opens a record.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*, //
};

/// Holds the line that opens a record, with its newline: written once, as a record never changes what
/// it is called.
pub(crate) struct Header(KVec<u8>);

impl Header {
    /// Writes the line. May sleep. Fails with `ENOMEM`.
    pub(crate) fn new(identity: fmt::Arguments<'_>) -> Result<Self> {
        let mut header = Self(KVec::new());
        header
            .write_fmt(identity)
            .and_then(|()| header.write_char('\n'))
            .map_err(|_| ENOMEM)?;
        Ok(header)
    }

    /// Returns the line.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Write for Header {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0
            .extend_from_slice(text.as_bytes(), GFP_KERNEL_ACCOUNT)
            .map_err(|_| fmt::Error)
    }
}
