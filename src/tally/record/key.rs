// SPDX-License-Identifier: GPL-2.0

//! Keys, laid out as both files print them in front of a value.
//!
//! A file has thousands of lines, so what stands in front of a value is laid out once, when the
//! module is compiled or a group is registered, and copied whenever the line is printed.

/// Says how many bytes a key may have.
pub(crate) const MAX_KEY: usize = 64;

/// Holds a key and the beginnings of its lines, padded as mm/vmstat.c pads those of /proc/zoneinfo.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    name: Text<MAX_KEY>,
    total: Text<{ "      ".len() + MAX_KEY + " ".len() }>,
    slot: Text<{ "              ".len() + MAX_KEY + ": ".len() }>,
}

impl Key {
    /// Lays a key out. A constant of more than [`MAX_KEY`] bytes does not compile.
    pub(crate) const fn new(name: &str) -> Self {
        Self::of(Text::new().append(name.as_bytes()))
    }

    /// Lays out a key of the form `lt_64ns`: a prefix, a number in decimal, and a suffix.
    pub(crate) const fn numbered(prefix: &str, number: u64, suffix: &str) -> Self {
        let name = Text::new()
            .append(prefix.as_bytes())
            .append_decimal(number)
            .append(suffix.as_bytes());

        Self::of(name)
    }

    const fn of(name: Text<MAX_KEY>) -> Self {
        let bytes = name.as_bytes();

        Self {
            name,
            total: Text::new()
                .append(b"      ")
                .append(bytes)
                .padded_to(18)
                .append(b" "),
            slot: Text::new()
                .append(b"              ")
                .append(bytes)
                .append(b": "),
        }
    }

    /// Returns the key itself.
    pub(crate) fn name(&self) -> &[u8] {
        self.name.as_bytes()
    }

    /// Returns what stands in front of a total.
    #[inline]
    pub(crate) fn total(&self) -> &[u8] {
        self.total.as_bytes()
    }

    /// Returns what stands in front of the value of one section.
    #[inline]
    pub(crate) fn slot(&self) -> &[u8] {
        self.slot.as_bytes()
    }
}

/// Holds a text of at most `N` bytes, which can be made when the module is compiled.
///
/// The first `len` bytes are the text, and `len` is at most `N`: making a longer text panics.
#[derive(Clone, Copy)]
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    const fn append(mut self, bytes: &[u8]) -> Self {
        let mut i = 0;

        while i < bytes.len() {
            self.bytes[self.len] = bytes[i];
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

    const fn padded_to(mut self, len: usize) -> Self {
        while self.len < len {
            self = self.append(b" ");
        }
        self
    }

    #[inline]
    const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len).0
    }
}

/// Lays out a key that is known when the module is compiled: `key!("nr_reads")`.
macro_rules! key {
    ($name:literal) => {
        const { &$crate::record::Key::new($name) }
    };
}
pub(crate) use key;
