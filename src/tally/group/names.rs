// SPDX-License-Identifier: GPL-2.0

//! What groups and their counters may be called, and how many counters a group may have.
//!
//! Groups are registered by modules, which may do anything anyway. So these limits do not protect the
//! machine: they tell readers of the file what to expect.

use kernel::prelude::*;

use crate::record::MAX_KEY;

/// Limits the bytes of a name, of a group or of a counter.
pub(super) const MAX_NAME: usize = MAX_KEY;

/// Limits the number of counters in a group.
pub(super) const MAX_KEYS: usize = 256;

/// Returns whether a counter may be called `key`: `[a-z][a-z0-9_]*`.
const fn is_key(key: &[u8]) -> bool {
    let [b'a'..=b'z', rest @ ..] = key else {
        return false;
    };

    let mut rest = rest;
    while let [first, behind @ ..] = rest {
        if !matches!(first, b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return false;
        }
        rest = behind;
    }
    true
}

/// Checks the name of a group. Fails with `EINVAL` if it is empty, or has a byte in it that does not
/// print or is a blank, and with `E2BIG` if it is too long.
pub(super) fn check_name(name: &[u8]) -> Result {
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return Err(EINVAL);
    }
    check_length(name)
}

/// Checks the name of a counter. Fails with `EINVAL` if it is not one of `[a-z][a-z0-9_]*`, and with
/// `E2BIG` if it is too long.
pub(super) fn check_key(key: &[u8]) -> Result {
    if !is_key(key) {
        return Err(EINVAL);
    }
    check_length(key)
}

/// Checks the length of a name. Fails with `E2BIG`.
fn check_length(name: &[u8]) -> Result {
    if name.len() > MAX_NAME {
        return Err(E2BIG);
    }
    Ok(())
}

/// Stops compilation unless `keys` may be those of a group.
pub(super) const fn assert_keys(keys: &[&str]) {
    assert!(keys.len() <= MAX_KEYS, "a group has at most 256 counters");

    let mut rest = keys;
    while let [key, behind @ ..] = rest {
        assert!(
            is_key(key.as_bytes()),
            "a counter is called [a-z][a-z0-9_]*"
        );
        assert!(
            key.len() <= MAX_NAME,
            "a counter's name has at most 64 bytes"
        );
        rest = behind;
    }
}
