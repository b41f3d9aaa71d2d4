// SPDX-License-Identifier: GPL-2.0

//! What /proc calls.

use kernel::{
    bindings::{
        file,
        inode,
        iov_iter,
        kiocb,
        no_seek_end_llseek, //
    },
    error::from_result,
    fs::Kiocb,
    iov::IovIterDest,
    prelude::*,
    sync::Mutex,
    types::ForeignOwnable, //
};

use super::{
    for_user,
    reading::Reading,
    Opener,
    Records, //
    Registration,
};
use crate::bindings::{
    self,
    proc_ops, //
};

/// Names the private data of an open file.
type Private = Pin<KBox<Mutex<Reading>>>;

impl<T: Records> Registration<T> {
    /// Holds the operations of a file that is only read.
    pub(super) const READ: proc_ops = proc_ops {
        proc_flags: 0,
        proc_open: Some(Self::open),
        proc_read: None,
        proc_read_iter: Some(Self::read_iter),
        proc_write: None,
        // A seek prints nothing: the read that follows it finds its place.
        proc_lseek: Some(no_seek_end_llseek),
        proc_release: Some(Self::release),
        proc_poll: None,
        proc_ioctl: None,
        #[cfg(CONFIG_COMPAT)]
        proc_compat_ioctl: None,
        proc_mmap: None,
        proc_get_unmapped_area: None,
    };

    /// Gives an open file its private data: `proc_open`.
    ///
    /// # Safety
    ///
    /// To be called by /proc alone, for a file of this entry that is being opened.
    unsafe extern "C" fn open(_inode: *mut inode, file: *mut file) -> c_int {
        from_result(|| {
            let reading: Private = KBox::pin_init(Reading::new(), GFP_KERNEL_ACCOUNT)?;

            // SAFETY: By the function's contract the file is being opened, so it is ours alone.
            unsafe {
                (*file).private_data = reading.into_foreign();
                // As seq_open() does: a command has no place in the file.
                (*file).f_mode &= !bindings::KERNEL_EXT_FMODE_PWRITE;
            }
            Ok(0)
        })
    }

    /// Finds the records of an open file.
    ///
    /// # Safety
    ///
    /// `file` must be an open file of this entry.
    pub(super) unsafe fn records<'a>(file: *const file) -> &'a T {
        // SAFETY: The data of the entry is a pointer to the records, which live until all callers
        // are gone.
        unsafe { &*bindings::pde_data((*file).f_inode).cast::<T>() }
    }

    /// Reads from an open file: `proc_read_iter`.
    ///
    /// # Safety
    ///
    /// To be called by /proc alone, for an open file of this entry, with an iterator to read into.
    unsafe extern "C" fn read_iter(kiocb: *mut kiocb, to: *mut iov_iter) -> isize {
        // SAFETY: By the function's contract both are valid and ours for the length of this call.
        // `open` has made the file's private data.
        let (mut kiocb, to) =
            unsafe { (Kiocb::<Private>::from_raw(kiocb), IovIterDest::from_raw(to)) };

        // SAFETY: By the function's contract; the file is open meanwhile.
        let (records, opener) = unsafe {
            let file = (*kiocb.as_raw()).ki_filp;
            (Self::records(file), Opener::from_raw(file))
        };

        from_result(|| {
            let mut reading = kiocb.file().get_ref().lock();
            // CAST: read(2) refuses positions that are negative.
            let read = reading
                .read(records, opener, kiocb.ki_pos() as u64, to)
                .map_err(for_user)?;
            drop(reading);

            // CAST: read(2) refuses lengths that are negative, or that lead behind `loff_t::MAX`.
            *kiocb.ki_pos_mut() = kiocb.ki_pos().wrapping_add(read as i64);
            Ok(read as isize)
        })
    }

    /// Frees the private data of an open file: `proc_release`.
    ///
    /// # Safety
    ///
    /// To be called by /proc alone, for an open file of this entry, once and last.
    unsafe extern "C" fn release(_inode: *mut inode, file: *mut file) -> c_int {
        // SAFETY: By the function's contract; `open` has made the private data, and nobody uses
        // it any more.
        drop(unsafe { Private::from_foreign((*file).private_data) });
        0
    }
}
