// SPDX-License-Identifier: GPL-2.0

//! Counters for modules in C.

use kernel::{
    error::Error,
    prelude::*, //
};

/// Who gives modules in C counters that have names.
///
/// [`export_counters!`](crate::export_counters) makes functions for C of it.
pub trait CounterSource {
    /// Makes a counter for each of `keys`, and returns the address of the first in the per-CPU address
    /// space, `u64 __percpu *`. The others lie behind it, on each possible CPU. They live until they
    /// are given to [`unregister`](Self::unregister).
    fn register(name: &CStr, keys: Keys<'_>) -> Result<*const u64>;

    /// Takes back counters that nobody uses any more.
    fn unregister(counters: *const u64);
}

/// Names of counters, in an array of C's.
///
/// # Invariants
///
/// Each element is null or a string that lives for `'a`.
pub struct Keys<'a>(&'a [*const c_char]);

impl<'a> Keys<'a> {
    /// The names in their order. `EINVAL` instead of one that is no string of UTF-8.
    pub fn iter(&self) -> impl Iterator<Item = Result<&'a str>> {
        self.0.iter().map(|&key| {
            // SAFETY: By the type invariant.
            let key = unsafe { string(key) }?;
            key.to_str().map_err(|_| EINVAL)
        })
    }
}

/// A string of C's. `EINVAL` for null.
///
/// # Safety
///
/// `ptr` must be null or a string, for `'a`.
unsafe fn string<'a>(ptr: *const c_char) -> Result<&'a CStr> {
    if ptr.is_null() {
        return Err(EINVAL);
    }

    // SAFETY: By the function's contract.
    Ok(unsafe { CStr::from_char_ptr(ptr) })
}

/// Lets C register counters with a [`CounterSource`](crate::percpu::CounterSource): defines
/// two functions. A header of the module must declare them.
///
/// # Examples
///
/// ```ignore
/// export_counters! { Meters: register_meters, unregister_meters }
/// ```
///
/// ```c
/// u64 __percpu *register_meters(const char *name, const char *const keys[], unsigned int nr);
/// void unregister_meters(u64 __percpu *meters);
/// ```
#[macro_export]
macro_rules! export_counters {
    ($source:ty: $register:ident, $unregister:ident) => {
        /// Makes counters for C. Returns what `IS_ERR_PCPU()` tells from an error.
        ///
        /// # Safety
        ///
        /// To be called by C alone, with a string and an array of `nr` strings.
        #[no_mangle]
        pub unsafe extern "C" fn $register(
            name: *const ::kernel::ffi::c_char,
            keys: *const *const ::kernel::ffi::c_char,
            nr: ::kernel::ffi::c_uint,
        ) -> *mut u64 {
            // SAFETY: By the function's contract.
            unsafe { $crate::percpu::__export::register::<$source>(name, keys, nr) }
        }

        /// Takes counters back from C.
        ///
        /// # Safety
        ///
        /// To be called by C alone, which counts in them no more.
        #[no_mangle]
        pub unsafe extern "C" fn $unregister(counters: *mut u64) {
            <$source as $crate::percpu::CounterSource>::unregister(counters);
        }
    };
}

/// What [`export_counters!`](crate::export_counters) is made of.
#[doc(hidden)]
pub mod raw {
    use super::*;

    /// Makes counters.
    ///
    /// # Safety
    ///
    /// `name` must be null or a string. `keys` must be null, or point to `nr` pointers that are each
    /// null or a string.
    pub unsafe fn register<S: CounterSource>(
        name: *const c_char,
        keys: *const *const c_char,
        nr: c_uint,
    ) -> *mut u64 {
        let keys = if keys.is_null() {
            &[]
        } else {
            // CAST: Widening.
            // SAFETY: By the function's contract.
            unsafe { core::slice::from_raw_parts(keys, nr as usize) }
        };

        // SAFETY: By the function's contract.
        unsafe { string(name) }
            // INVARIANT: By the function's contract.
            .and_then(|name| S::register(name, Keys(keys)))
            .map_or_else(Error::to_ptr, <*const u64>::cast_mut)
    }
}
