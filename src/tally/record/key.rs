// SPDX-License-Identifier: GPL-2.0

//! Keys that a number is part of, made when the module is compiled.

/// Holds a key of the form `lt_64ns`: a prefix, a number and a suffix.
#[derive(Clone, Copy)]
pub(crate) struct NumberedKey {
    text: [u8; Self::MAX],
    len: usize,
}

impl NumberedKey {
    /// Says how many bytes a key may have. A constant that is longer does not compile.
    const MAX: usize = 24;

    /// Writes a key, with the number in decimal.
    pub(crate) const fn new(prefix: &str, number: u64, suffix: &str) -> Self {
        let empty = Self {
            text: [0; Self::MAX],
            len: 0,
        };

        empty
            .append(prefix.as_bytes())
            .append_decimal(number)
            .append(suffix.as_bytes())
    }

    /// Returns the key.
    pub(crate) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => panic!("a key is made of strings"),
        }
    }

    const fn append(mut self, bytes: &[u8]) -> Self {
        let mut i = 0;

        while i < bytes.len() {
            self.text[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn append_decimal(self, number: u64) -> Self {
        let most = if number < 10 {
            self
        } else {
            self.append_decimal(number / 10)
        };

        // CAST: A digit.
        most.append(&[b'0' + (number % 10) as u8])
    }
}
