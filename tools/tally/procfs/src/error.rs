// SPDX-License-Identifier: GPL-2.0

//! What is wrong with a file.

use std::{error, fmt, io, path::PathBuf};

/// Tells why a text is no file of tally's, and in which line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParseError {
    line: usize,
    kind: ErrorKind,
}

impl ParseError {
    pub(crate) fn new(line: usize, kind: ErrorKind) -> Self {
        Self { line, kind }
    }

    /// Returns the number of the line; the first is 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns what is wrong with it.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl error::Error for ParseError {}

/// Lists what may be wrong with a line.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Means that the first line is not the header of `Tally`.
    NotTally,
    /// Means that the file is of another format than [`FORMAT`](crate::FORMAT), and this is its
    /// number.
    OtherFormat(u64),
    /// Means that the line has no end, so that the file is cut off in it.
    CutOff,
    /// Means that the line has a byte that no line has.
    Byte(u8),
    /// Means that the line is none of those that may stand there.
    NoSuchLine,
    /// Means that this is no number below 2^64.
    Number(String),
    /// Means that the key is there already.
    SameKey(String),
    /// Means that the section does not have the keys of the one before it.
    OtherKeys,
    /// Means that the number of a CPU is not above that of the one before it.
    CpuOrder,
    /// Means that the record, which is the last of the file or is followed by another one, lacks
    /// something.
    Unfinished,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTally => write!(f, "a file of tally begins with \"Tally, format 1\""),
            Self::OtherFormat(found) => write!(
                f,
                "the file is of format {found}, which {} than the format {} that is known here",
                if *found < crate::FORMAT {
                    "is older"
                } else {
                    "is newer"
                },
                crate::FORMAT
            ),
            Self::CutOff => write!(f, "the file is cut off here"),
            Self::Byte(byte) => write!(f, "no line has a byte {byte:#04x}"),
            Self::NoSuchLine => write!(f, "no such line may stand here"),
            Self::Number(text) => write!(f, "\"{text}\" is no number below 2^64"),
            Self::SameKey(key) => write!(f, "\"{key}\" is there twice"),
            Self::OtherKeys => write!(f, "this section has other keys than the one before it"),
            Self::CpuOrder => write!(f, "CPUs are not in the order of their numbers"),
            Self::Unfinished => write!(f, "the record ends before it is whole"),
        }
    }
}

/// Tells why a file gave no [`Snapshot`](crate::Snapshot).
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// Means that the file cannot be read.
    Io(PathBuf, io::Error),
    /// Means that what is in it is no file of tally's.
    Parse(PathBuf, ParseError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Parse(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl error::Error for ReadError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            Self::Parse(_, error) => Some(error),
        }
    }
}
