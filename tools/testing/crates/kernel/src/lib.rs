// SPDX-License-Identifier: GPL-2.0

//! What the tested files use of the kernel's own crate, on the host.
//!
//! Memory is the host's, and can be made to run short ([`alloc::short`]).

#![feature(coerce_unsized, unsize)]

pub mod alloc;
pub mod bitmap;
pub mod error;
mod macros;
pub mod prelude;
pub mod sync;

pub use kernel_macros::fmt;

pub mod fmt {
    //! Formatting, which is that of `core`, and of strings of C.

    use core::ffi::CStr;

    pub use core::fmt::*;

    /// Holds what `fmt!` formats.
    pub struct Wrap<'a, T: ?Sized>(pub &'a T);

    /// Shows strings of C. It is found before [`ViaDisplay`], which takes one more reference.
    pub trait ViaCStr {
        fn shown(&self) -> String;
    }

    impl ViaCStr for Wrap<'_, &CStr> {
        fn shown(&self) -> String {
            self.0.to_string_lossy().into_owned()
        }
    }

    /// Shows all else.
    pub trait ViaDisplay {
        fn shown(&self) -> String;
    }

    impl<T: Display + ?Sized> ViaDisplay for &Wrap<'_, T> {
        fn shown(&self) -> String {
            self.0.to_string()
        }
    }
}

pub mod str {
    //! Strings of C.

    use core::{
        ffi::CStr,
        ops::Deref, //
    };

    use crate::{
        alloc::allocate,
        error::Error, //
    };

    /// Owns a string of C.
    pub struct CString(std::ffi::CString);

    impl CString {
        pub fn try_from_fmt(text: core::fmt::Arguments<'_>) -> Result<Self, Error> {
            allocate()?;
            let text = std::ffi::CString::new(text.to_string());
            Ok(Self(text.expect("it has no NUL")))
        }
    }

    impl TryFrom<&CStr> for CString {
        type Error = Error;

        fn try_from(text: &CStr) -> Result<Self, Error> {
            allocate()?;
            Ok(Self(text.to_owned()))
        }
    }

    impl Deref for CString {
        type Target = CStr;

        fn deref(&self) -> &CStr {
            &self.0
        }
    }
}

/// Stands for a module.
pub struct ThisModule;
