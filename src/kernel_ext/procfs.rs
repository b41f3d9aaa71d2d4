// SPDX-License-Identifier: GPL-2.0

//! Files in /proc that print one record after another, and may take commands.
//!
//! C headers: [`include/linux/proc_fs.h`](srctree/include/linux/proc_fs.h),
//! [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h)
//!
//! A module implements [`SeqOperations`] for what has the records, and makes a [`Registration`] of
//! it: the file is there until that is dropped. With [`Control`], what is written to the file is
//! passed on too.
//!
//! Each open file has a buffer with the text that was printed last. A read that begins anew asks
//! for the records one after another, from [`start`](SeqOperations::start), which takes the lock
//! that keeps them still, over [`seek`](SeqOperations::seek) and [`show`](SeqOperations::show) for
//! each, to the drop of the guard. Readers that seek back, as shells do after each line, get the
//! text of the buffer again; the kernel's seq_file would print the records anew.

mod control;
mod name;
mod opener;
mod print;
mod reading;
mod records;
mod seq;

use core::ptr::NonNull;

use kernel::{
    bindings::proc_dir_entry,
    current,
    prelude::*, //
};

pub use self::{
    opener::{
        Capability,
        Opener, //
    },
    print::Printer,
    records::{
        Records,
        SeqOperations, //
    }, //
};
use crate::bindings::{
    self,
    proc_ops, //
};

/// Takes what is written to a file.
pub trait Control: Records {
    /// Carries out what one call of write(2) wrote to a file that `opener` opened: all of it, and
    /// never more than a page.
    ///
    /// Where in the file it was written does not matter.
    ///
    /// An error is what the writer gets, who then takes it that nothing happened. After `ERESTARTSYS`, for
    /// who was interrupted by a signal, the kernel calls this again or the writer gets `EINTR`, as it has asked
    /// for. Another error that is not for user space becomes `EIO`. Process context, may sleep.
    fn write(&self, opener: Opener<'_>, text: &[u8]) -> Result;
}

/// Makes an error one that user space may see.
///
/// From `ERESTARTSYS` on they are the kernel's own, and the kernel acts on them: a read that
/// returns `EIOCBQUEUED` is a BUG(). With `ERESTARTSYS` it does what is right if there is a signal.
fn for_user(error: Error) -> Error {
    if error == ERESTARTSYS && current!().signal_pending() {
        return error;
    }

    // CAST: It is 512; bindgen gives it an unsigned type.
    if error.to_errno() <= -(bindings::ERESTARTSYS as c_int) {
        EIO
    } else {
        error
    }
}

/// Keeps a file in /proc.
///
/// Dropping it removes the file, and waits for readers inside `T`; files that are open then read
/// `EIO`.
///
/// One that is leaked ([`core::mem::forget`] of a box that it is in) stays in /proc, also when the
/// code that prints it is gone with its module.
///
/// # Invariants
///
/// `entry` was made for a pointer to `records`, and exists until it is dropped.
#[pin_data(PinnedDrop)]
pub struct Registration<T: Records> {
    entry: NonNull<proc_dir_entry>,
    records: T,
}

// SAFETY: /proc has its own locks; the records are `Send`.
unsafe impl<T: Records> Send for Registration<T> {}

// SAFETY: A shared reference gives access to nothing; the file's readers share the records, which
// are `Sync`.
unsafe impl<T: Records> Sync for Registration<T> {}

impl<T: Records> Registration<T> {
    /// Makes the file /proc/`name` with the permissions `mode`: `proc_create_data()`.
    ///
    /// May sleep. Fails with `EEXIST` if there is a file of this name; with `EINVAL` if the name is
    /// empty, longer than 255 bytes, `.`, `..`, made of digits alone, or has a `/`, and if `mode`
    /// is 0 or has other bits than `0o777`; and with `ENOMEM`.
    pub fn new(name: &'static CStr, mode: u16, records: T) -> impl PinInit<Self, Error> {
        Self::with_ops(name, mode, records, &Self::READ)
    }

    fn with_ops(
        name: &'static CStr,
        mode: u16,
        records: T,
        ops: &'static proc_ops,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            records,
            entry: {
                name::check(name, mode)?;
                let _making = name::claim(name)?;

                // SAFETY: `records` was initialised above.
                let records = unsafe { &raw const (*this.as_ptr()).records };

                // INVARIANT: The entry is made for a pointer to `records`.
                // SAFETY: The name is copied. The operations are 'static, and go by the type of
                // the data. The data is pinned, and `drop` removes the file before it goes.
                NonNull::new(unsafe {
                    bindings::proc_create_data(
                        name.as_char_ptr(),
                        mode,
                        core::ptr::null_mut(),
                        ops,
                        records.cast_mut().cast(),
                    )
                })
                .ok_or(ENOMEM)?
            },
        }? Error)
    }
}

#[pinned_drop]
impl<T: Records> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the entry exists. This waits until nobody is inside our
        // callbacks, and nobody enters them again.
        unsafe { bindings::proc_remove(self.entry.as_ptr()) };
    }
}
