// SPDX-License-Identifier: GPL-2.0

//! Counters for modules in C.
//!
//! # Life of an array
//!
//! C calls the function that registers, with names. The [`CounterSource`] makes an array, and this
//! crate keeps one reference to it, under the address that C gets. C counts there by
//! `this_cpu_inc()`. When C gives the address back the source hears of it, and the reference is dropped.
//! So C's address is good for as long as C has it, whatever the source does with its own reference.

use kernel::{
    error::Error,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNodeReservation, //
    },
    sync::{
        Arc,
        Mutex, //
    }, //
};

use super::array::Array;
use crate::sync::{
    named_mutex,
    OnceInit, //
};

/// Gives modules in C counters that have names.
///
/// [`export_counters!`](crate::export_counters) makes functions for C of it. C gets the address of the
/// first counter in the per-CPU address space, `u64 __percpu *`; the others lie behind it, on each
/// possible CPU. This crate keeps the array until C gives the address back, whatever its source does.
pub trait CounterSource {
    /// Makes an array with a counter for each of `keys`, which no other call has returned.
    ///
    /// An array of another length is taken back at once, and C gets `EINVAL`. Process context, may
    /// sleep.
    fn register(name: &CStr, keys: Keys<'_>) -> Result<Arc<Array<u64>>>;

    /// Takes back counters that nobody uses any more.
    ///
    /// Process context, may sleep.
    fn unregister(counters: &Array<u64>);
}

/// Keeps what C counts in, by the address that C has.
static LENT: OnceInit<Mutex<RBTree<usize, Arc<Array<u64>>>>> = OnceInit::new();

/// Keeps `counters` for C, which gets their address; fails with `EEXIST` if it has it already.
fn lend(counters: &Arc<Array<u64>>) -> Result<*mut u64> {
    let node = RBTreeNodeReservation::new(GFP_KERNEL)?;
    let address = counters.as_ptr();

    let mut lent = LENT
        .get_or_init(|| named_mutex!(RBTree::new(), c"percpu::LENT"))?
        .lock();
    if lent.get(&address.addr()).is_some() {
        return Err(EEXIST);
    }
    lent.insert(node.into_node(address.addr(), counters.clone()));
    Ok(address.cast_mut())
}

/// Takes the counters at an address back from C, if it has some there.
fn take_back(address: *mut u64) -> Option<Arc<Array<u64>>> {
    LENT.get()?.lock().remove(&address.addr())
}

/// Names of counters, in an array of C's.
///
/// # Invariants
///
/// Each element is null or a string that lives for `'a`.
pub struct Keys<'a>(&'a [*const c_char]);

impl<'a> Keys<'a> {
    /// Returns the names in their order.
    ///
    /// Instead of a name that is null or not UTF-8 there is `EINVAL`.
    pub fn iter(&self) -> impl Iterator<Item = Result<&'a str>> {
        self.0.iter().map(|&key| {
            // SAFETY: By the type invariant it is null or a string, for `'a`.
            let key = unsafe { string(key) }?;
            key.to_str().map_err(|_| EINVAL)
        })
    }
}

/// Takes a string of C's.
///
/// Fails with `EINVAL` for null.
///
/// # Safety
///
/// `ptr` must be null or a string, for `'a`.
unsafe fn string<'a>(ptr: *const c_char) -> Result<&'a CStr> {
    if ptr.is_null() {
        return Err(EINVAL);
    }

    // SAFETY: It is not null, so by the function's contract it is a string, for `'a`.
    Ok(unsafe { CStr::from_char_ptr(ptr) })
}

/// Lets C register counters with a [`CounterSource`](crate::percpu::CounterSource): defines two
/// functions.
///
/// A header of the module must declare them.
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
        /// Makes counters for C.
        ///
        /// Returns what `IS_ERR_PCPU()` tells from an error.
        ///
        /// # Safety
        ///
        /// To be called by C alone, with a string and an array of `nr` strings.
        #[no_mangle]
        pub unsafe extern "C" fn $register(
            __name: *const $crate::__kernel::ffi::c_char,
            __keys: *const *const $crate::__kernel::ffi::c_char,
            __nr: $crate::__kernel::ffi::c_uint,
        ) -> *mut $crate::__core::primitive::u64 {
            // SAFETY: By the function's contract, which is that of `register`.
            unsafe { $crate::percpu::__export::register::<$source>(__name, __keys, __nr) }
        }

        /// Takes counters back from C.
        ///
        /// # Safety
        ///
        /// To be called by C alone, which counts in them no more.
        #[no_mangle]
        pub unsafe extern "C" fn $unregister(__counters: *mut $crate::__core::primitive::u64) {
            // SAFETY: By the function's contract, which is that of `unregister`.
            unsafe { $crate::percpu::__export::unregister::<$source>(__counters) }
        }
    };
}

/// Holds what [`export_counters!`](crate::export_counters) is made of.
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
            // SAFETY: It is not null, so by the function's contract `nr` pointers are there.
            unsafe { core::slice::from_raw_parts(keys, nr as usize) }
        };

        let register = || {
            // SAFETY: By the function's contract `name` is null or a string.
            let name = unsafe { string(name) }?;
            // INVARIANT: By the function's contract each of `keys` is null or a string.
            let counters = S::register(name, Keys(keys))?;

            if counters.len() != keys.len() {
                S::unregister(&counters);
                return Err(EINVAL);
            }
            lend(&counters).inspect_err(|error| {
                // If C has them already they stay.
                if *error != EEXIST {
                    S::unregister(&counters);
                }
            })
        };
        register().unwrap_or_else(Error::to_ptr)
    }

    /// Takes counters back; an address that C was not given is ignored.
    ///
    /// # Safety
    ///
    /// C must not count any more in what [`register`] returned as `counters`.
    pub unsafe fn unregister<S: CounterSource>(counters: *mut u64) {
        if let Some(counters) = take_back(counters) {
            S::unregister(&counters);
        }
    }
}
