// SPDX-License-Identifier: GPL-2.0

//! Errors, with their numbers in C.

use core::convert::Infallible;

use crate::alloc::AllocError;

/// Holds an errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(i32);

pub type Result<T = (), E = Error> = core::result::Result<T, E>;

impl Error {
    /// Returns the errno, which is negative.
    pub fn to_errno(self) -> i32 {
        self.0
    }
}

impl From<AllocError> for Error {
    fn from(_: AllocError) -> Self {
        code::ENOMEM
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

pub mod code {
    //! The errors that the tested files know.

    use super::Error;

    macro_rules! codes {
        ($($name:ident = $number:literal,)*) => {
            $(pub const $name: Error = Error(-$number);)*
        };
    }

    codes! {
        EPERM = 1,
        ENOENT = 2,
        E2BIG = 7,
        ENOMEM = 12,
        EBUSY = 16,
        EEXIST = 17,
        EINVAL = 22,
        ENOSPC = 28,
        EOPNOTSUPP = 95,
        ERESTARTSYS = 512,
    }
}
