// SPDX-License-Identifier: GPL-2.0

//! Groups of C's.

use core::ptr::null;

use kernel::{
    error::to_result,
    prelude::*,
    str::CStrExt, //
};
use tally::{
    counters,
    Group, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

extern "C" {
    fn group_test_c_try(name: *const c_char, keys: *const *const c_char, nr: c_uint) -> c_int;
    fn group_test_c_register() -> c_int;
    fn group_test_c_unregister();
    fn group_test_c_count();
}

/// The group of c_group.c.
pub(crate) struct CGroup(());

impl CGroup {
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: There is one of us: the module makes it once.
        to_result(unsafe { group_test_c_register() })?;
        Ok(Self(()))
    }

    /// Adds 1 to `work` and 2 to `twice`.
    pub(crate) fn count(&self) {
        // SAFETY: It is registered.
        unsafe { group_test_c_count() };
    }
}

impl Drop for CGroup {
    fn drop(&mut self) {
        // SAFETY: It is registered, and nobody counts any more.
        unsafe { group_test_c_unregister() };
    }
}

pub(crate) const CASES: &[Case] = &[
    ("in C, a good group is registered", || {
        errno(0, c"c", &[c"a", c"b"])
    }),
    ("a name is not empty", || refused(EINVAL, c"", &[c"a"])),
    ("a name has no blank", || {
        refused(EINVAL, c"two words", &[c"a"])
    }),
    ("a name has at most 64 bytes", || {
        errno(0, LONG.1, &[c"a"])?;
        refused(E2BIG, LONG.0, &[c"a"])
    }),
    ("a name is a pointer to something", || {
        expect(
            "errno",
            -attempt(null(), &[c"a".as_char_ptr()]),
            -EINVAL.to_errno(),
        )
    }),
    ("a name is not that of a group in Rust", taken),
    ("a key is not empty", || refused(EINVAL, c"c", &[c"a", c""])),
    ("a key has no capital letter", || {
        refused(EINVAL, c"c", &[c"aB"])
    }),
    ("a key does not begin with a digit", || {
        refused(EINVAL, c"c", &[c"1a"])
    }),
    ("a key does not begin with _", || {
        refused(EINVAL, c"c", &[c"_a"])
    }),
    ("a key has no -", || refused(EINVAL, c"c", &[c"a-b"])),
    ("a key has no blank", || refused(EINVAL, c"c", &[c"a b"])),
    ("a key is one line", || refused(EINVAL, c"c", &[c"a\nb"])),
    ("a key is in ASCII", || {
        refused(EINVAL, c"c", &[c"caf\xc3\xa9"])
    }),
    ("a key is text", || refused(EINVAL, c"c", &[c"\xff"])),
    ("a key may have digits and _", || {
        errno(0, c"c", &[c"a0_9_", c"a0_9"])
    }),
    ("a key has at most 64 bytes", || {
        errno(0, c"c", &[LONG.1])?;
        refused(E2BIG, c"c", &[LONG.0])
    }),
    ("a key is a pointer to something", || {
        let keys = [c"a".as_char_ptr(), null()];
        expect(
            "errno",
            -attempt(c"c".as_char_ptr(), &keys),
            -EINVAL.to_errno(),
        )
    }),
    ("no key is there twice", || {
        refused(EINVAL, c"c", &[c"a", c"b", c"a"])
    }),
    ("there is a key", || refused(EINVAL, c"c", &[])),
    ("there are keys", no_array),
    ("there are at most 256", many),
];

/// Names of 65 and of 64 bytes.
const LONG: (&CStr, &CStr) = (
    c"a0000000000000001111111111111111222222222222222233333333333333334",
    c"a000000000000000111111111111111122222222222222223333333333333333",
);

/// What registering fails with, or 0.
fn attempt(name: *const c_char, keys: &[*const c_char]) -> c_int {
    // CAST: There are few.
    // SAFETY: Each is null or a string, as far as the array goes.
    unsafe { group_test_c_try(name, keys.as_ptr(), keys.len() as c_uint) }
}

fn errno(wanted: c_int, name: &CStr, keys: &[&CStr]) -> Outcome {
    let mut pointers = KVec::with_capacity(keys.len(), GFP_KERNEL)?;
    for key in keys {
        pointers.push(key.as_char_ptr(), GFP_KERNEL)?;
    }

    expect("errno", -attempt(name.as_char_ptr(), &pointers), -wanted)
}

fn refused(wanted: Error, name: &CStr, keys: &[&CStr]) -> Outcome {
    errno(wanted.to_errno(), name, keys)
}

fn taken() -> Outcome {
    counters! {
        struct Counts {
            first: u64,
        }
    }

    let group = Group::<Counts>::new(c"taken")?;
    refused(EEXIST, c"taken", &[c"a"])?;
    drop(group);
    errno(0, c"taken", &[c"a"])
}

fn no_array() -> Outcome {
    // SAFETY: There is no array.
    let found = unsafe { group_test_c_try(c"c".as_char_ptr(), null(), 3) };

    expect("errno", -found, -EINVAL.to_errno())
}

fn many() -> Outcome {
    let mut names = KVec::new();
    for number in 0..257u32 {
        names.push(
            kernel::str::CString::try_from_fmt(fmt!("key{number}"))?,
            GFP_KERNEL,
        )?;
    }
    let mut keys = KVec::new();
    for name in &names {
        keys.push(name.as_char_ptr(), GFP_KERNEL)?;
    }

    let name = c"c".as_char_ptr();
    expect("errno of 257", -attempt(name, &keys), -E2BIG.to_errno())?;
    keys.pop();
    expect("errno of 256", -attempt(name, &keys), 0)
}
