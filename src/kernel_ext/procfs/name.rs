// SPDX-License-Identifier: GPL-2.0

//! Names that /proc takes without a warning.
//!
//! C source: [`fs/proc/generic.c`](srctree/fs/proc/generic.c)

use kernel::{
    prelude::*,
    sync::{
        lock::{
            mutex::MutexBackend,
            Guard, //
        },
        Mutex, //
    }, //
};

use crate::{
    bindings::{
        self,
        path, //
    },
    sync::{
        named_mutex,
        OnceInit, //
    }, //
};

/// Bounds the length of a file's name.
const NAME_MAX: usize = 255;

/// Holds all permissions that there are.
///
/// /proc would take type bits for another type of file.
const PERMISSIONS: u16 = 0o777;

/// Fails with `EINVAL` for a file that /proc would warn about.
///
/// That is one whose name is empty, too long, `.`, `..`, in a directory, or a number, as processes
/// have; or one with no permission at all, or with mode bits that are none.
pub(super) fn check(name: &CStr, mode: u16) -> Result {
    let bytes = name.to_bytes();

    let named = (1..=NAME_MAX).contains(&bytes.len())
        && !matches!(bytes, b"." | b"..")
        && !bytes.contains(&b'/')
        && !bytes.iter().all(u8::is_ascii_digit);
    if named && (1..=PERMISSIONS).contains(&mode) {
        Ok(())
    } else {
        Err(EINVAL)
    }
}

/// Locks out other makers of files, from finding that a name is free until the file is there.
static MAKING: OnceInit<Mutex<()>> = OnceInit::new();

/// Keeps others that use this crate from making a file for as long as the guard lives.
///
/// Fails with `EEXIST` if there is one of this name. May sleep.
///
/// /proc has no question for that, so the file is looked up as a task would, where /proc is mounted
/// for the one that runs. Where it is not, as before init runs, the kernel is left to find out.
pub(super) fn claim(name: &CStr) -> Result<Guard<'static, (), MutexBackend>> {
    let making = MAKING
        .get_or_init(|| named_mutex!((), c"procfs::MAKING"))?
        .lock();

    let mut full = KVec::new();
    full.extend_from_slice(b"/proc/", GFP_KERNEL)?;
    full.extend_from_slice(name.to_bytes_with_nul(), GFP_KERNEL)?;

    let mut found = path::default();
    // SAFETY: The name ends in a NUL, and `found` is valid for writes.
    if unsafe { bindings::kern_path(full.as_ptr().cast(), 0, &mut found) } != 0 {
        return Ok(making);
    }
    // SAFETY: The path was just found, and is not used again.
    unsafe { bindings::path_put(&found) };
    Err(EEXIST)
}
