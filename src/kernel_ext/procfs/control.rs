// SPDX-License-Identifier: GPL-2.0

//! Files that take commands.

use kernel::{
    bindings::{
        file,
        loff_t, //
    },
    prelude::*,
    uaccess::{
        UserPtr,
        UserSlice, //
    }, //
};

use super::{
    for_user,
    Control,
    Opener,
    Registration, //
};
use crate::bindings::{
    self,
    proc_ops, //
};

impl<T: Control> Registration<T> {
    /// Holds the operations of a file that is read and written.
    const READ_WRITE: proc_ops = proc_ops {
        proc_write: Some(Self::write),
        ..Self::READ
    };

    /// Makes the file /proc/`name`, as [`new`](Self::new) does, and lets it take commands.
    ///
    /// Writing more than a page at once fails with `E2BIG`, and `T` never sees it.
    pub fn with_control(name: &'static CStr, mode: u16, records: T) -> impl PinInit<Self, Error> {
        Self::with_ops(name, mode, records, &Self::READ_WRITE)
    }

    /// Passes what is written on to the records: `proc_write`.
    ///
    /// # Safety
    ///
    /// To be called by /proc alone, for a file of this entry.
    unsafe extern "C" fn write(
        file: *mut file,
        text: *const c_char,
        len: usize,
        _pos: *mut loff_t,
    ) -> isize {
        // SAFETY: By the function's contract; the file is open meanwhile.
        let (records, opener) = unsafe { (Self::records(file), Opener::from_raw(file)) };

        let written = read_all(text, len).and_then(|text| records.write(opener, &text));
        match written {
            // CAST: It is at most a page.
            Ok(()) => len as isize,
            Err(error) => for_user(error).to_errno() as isize,
        }
    }
}

/// Copies what user space wrote, of which a page is the most.
fn read_all(text: *const c_char, len: usize) -> Result<KVec<u8>> {
    if len > bindings::PAGE_SIZE {
        return Err(E2BIG);
    }

    let mut bytes = KVec::new();
    UserSlice::new(UserPtr::from_ptr(text.cast_mut().cast()), len)
        .read_all(&mut bytes, GFP_KERNEL_ACCOUNT)?;
    Ok(bytes)
}
