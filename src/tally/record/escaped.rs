// SPDX-License-Identifier: GPL-2.0

//! Names in headers that people may choose.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*, //
};

/// Writes a name as /proc/mounts would, so that blanks and newlines in it do not end it.
pub(crate) struct Escaped<'a>(pub(crate) &'a CStr);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.to_bytes() {
            match byte {
                b'\\' => f.write_str("\\134")?,
                byte if byte.is_ascii_graphic() => f.write_char(char::from(*byte))?,
                byte => write!(f, "\\{byte:03o}")?,
            }
        }
        Ok(())
    }
}
