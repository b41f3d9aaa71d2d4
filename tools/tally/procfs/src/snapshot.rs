// SPDX-License-Identifier: GPL-2.0

//! What was read of a file.

use std::{fmt, fs, path::Path};

use crate::{Name, ParseError, ReadError, Record, parse};

/// Holds the records of a file, in its order, as they were when it was read.
///
/// Each record is true as a whole; records that follow one another are not of the same moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Snapshot {
    records: Vec<Record>,
}

impl Snapshot {
    /// Parses the text of either file.
    ///
    /// # Errors
    ///
    /// The first line that is none of tally's, see [`ErrorKind`](crate::ErrorKind).
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        parse::records(text.as_ref()).map(|records| Self { records })
    }

    /// Reads a file, to its end, and parses it.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, or what is wrong with it.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let text = fs::read(path).map_err(|error| ReadError::Io(path.into(), error))?;
        Self::parse(text).map_err(|error| ReadError::Parse(path.into(), error))
    }

    /// Returns the records, of which the first is `Tally`.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Returns the first record with this header.
    ///
    /// Only while records come or go can there be another one.
    pub fn record(&self, header: &str) -> Option<&Record> {
        let name = Name::parse(header);
        self.records.iter().find(|record| *record.name() == name)
    }

    /// Returns a number by a header and a key.
    pub fn total(&self, header: &str, key: &str) -> Option<u64> {
        self.record(header)?.total(key)
    }

    /// Returns the nanoseconds from boot, suspended time included, to the loading of tally.
    pub fn loaded_ns(&self) -> Option<u64> {
        self.records[0].total("loaded_ns")
    }

    /// Returns whether both are of the same loading of tally, without which no count of one can
    /// be compared with any of the other.
    pub fn is_of_same_load(&self, other: &Self) -> bool {
        self.loaded_ns() == other.loaded_ns()
    }
}

/// Prints the file.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.records
            .iter()
            .try_for_each(|record| write!(f, "{record}"))
    }
}
