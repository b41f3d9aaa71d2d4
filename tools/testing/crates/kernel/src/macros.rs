// SPDX-License-Identifier: GPL-2.0

//! Macros of the kernel's crates, for values that are made and then moved to where they stay.

use crate::error::Result;

/// Stands for an initialiser: the value, or why there is none.
pub trait PinInit<T, E = core::convert::Infallible> {
    /// Returns the value.
    fn made(self) -> Result<T, E>;
}

impl<T, E> PinInit<T, E> for Result<T, E> {
    fn made(self) -> Self {
        self
    }
}

/// Makes a mutex.
#[macro_export]
macro_rules! new_mutex {
    ($value:expr, $name:literal) => {
        ::core::result::Result::<_, ::core::convert::Infallible>::Ok($crate::sync::Mutex::new(
            $value,
        ))
    };
}

/// Makes a condition variable.
#[macro_export]
macro_rules! new_condvar {
    ($name:literal) => {
        ::core::result::Result::<_, ::core::convert::Infallible>::Ok($crate::sync::CondVar)
    };
}

/// Makes a struct of its fields, each of which ends with a comma.
#[macro_export]
macro_rules! try_pin_init {
    (@ [$($done:tt)*]) => {
        Self { $($done)* }
    };
    (@ [$($done:tt)*] $name:ident <- $init:expr, $($rest:tt)*) => {
        $crate::try_pin_init!(@ [$($done)* $name: $init?,] $($rest)*)
    };
    (@ [$($done:tt)*] $name:ident : $value:expr, $($rest:tt)*) => {
        $crate::try_pin_init!(@ [$($done)* $name: $value,] $($rest)*)
    };
    (@ [$($done:tt)*] $name:ident, $($rest:tt)*) => {
        $crate::try_pin_init!(@ [$($done)* $name,] $($rest)*)
    };
    (Self { $($fields:tt)* }? $error:ty) => {
        (move || {
            ::core::result::Result::<_, $error>::Ok($crate::try_pin_init!(@ [] $($fields)*))
        })()
    };
}

/// Says nothing.
#[macro_export]
macro_rules! pr_warn {
    ($text:literal $(, $argument:expr)* $(,)?) => {{
        let _ = ($(&$argument,)*);
    }};
}
