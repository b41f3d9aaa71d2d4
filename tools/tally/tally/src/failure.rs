// SPDX-License-Identifier: GPL-2.0

//! Why the program does not do what it was asked for.

use std::{fmt, io, process::ExitCode};

use tally_procfs::ReadError;

/// Holds what the user is told.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Holds sentences.
    Said(String),
    /// Means that whoever read the output has gone, which is no fault of anybody's.
    NobodyReads,
}

impl Failure {
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self::Said(text.to_string())
    }

    /// Tells the user, and returns the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Said(text) => {
                say(text);
                ExitCode::FAILURE
            }
            Self::NobodyReads => ExitCode::SUCCESS,
        }
    }
}

/// Tells the user something, beside the output.
pub(crate) fn say(text: impl fmt::Display) {
    eprintln!("tally: {text}");
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => f.write_str(text),
            Self::NobodyReads => f.write_str("nobody reads the output"),
        }
    }
}

/// Output that cannot be written.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::new(format_args!("cannot write the output: {error}")),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match &error {
            ReadError::Io(path, cause) if cause.kind() == io::ErrorKind::NotFound => {
                Self::new(format_args!(
                    "there is no {}: tally is not loaded, \"modprobe tally\" loads it or says why not",
                    path.display()
                ))
            }
            ReadError::Io(path, cause) if cause.raw_os_error() == Some(nix::libc::EIO) => {
                Self::new(format_args!(
                    "{}: tally was unloaded meanwhile",
                    path.display()
                ))
            }
            _ => Self::new(error),
        }
    }
}
