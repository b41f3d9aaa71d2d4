// SPDX-License-Identifier: GPL-2.0

//! What seq_file calls.

use core::mem::MaybeUninit;

use kernel::{
    bindings::{
        __seq_open_private,
        file,
        inode,
        loff_t,
        seq_file,
        seq_lseek,
        seq_operations,
        seq_read_iter,
        seq_release_private, //
    },
    error::from_result,
    prelude::*,
    seq_file::SeqFile, //
};

use super::{
    Opener,
    SeqEntry,
    SeqOperations, //
};
use crate::bindings::{
    self,
    proc_ops, //
};

/// What each open file has of its own: the guard, from `start` to `stop`.
struct State<G>(MaybeUninit<G>);

impl<T: SeqOperations> SeqEntry<T> {
    /// The operations of a file that is only read.
    pub(super) const READ: proc_ops = proc_ops {
        proc_flags: 0,
        proc_open: Some(Self::open),
        proc_read: None,
        proc_read_iter: Some(seq_read_iter),
        proc_write: None,
        proc_lseek: Some(seq_lseek),
        proc_release: Some(seq_release_private),
        proc_poll: None,
        proc_ioctl: None,
        #[cfg(CONFIG_COMPAT)]
        proc_compat_ioctl: None,
        proc_mmap: None,
        proc_get_unmapped_area: None,
    };

    const SEQ: seq_operations = seq_operations {
        start: Some(Self::start),
        stop: Some(Self::stop),
        next: Some(Self::next),
        show: Some(Self::show),
    };

    const STATE_SIZE: c_int = {
        let size = size_of::<State<T::Guard>>();
        assert!(size <= 64 && align_of::<State<T::Guard>>() <= align_of::<u64>());
        // CAST: It is small.
        size as c_int
    };

    /// # Safety
    ///
    /// To be called by /proc alone, for a file of this entry.
    unsafe extern "C" fn open(_inode: *mut inode, file: *mut file) -> c_int {
        // SAFETY: The file is being opened. The operations are 'static and go by the type of the
        // state.
        let state = unsafe { __seq_open_private(file, &Self::SEQ, Self::STATE_SIZE) };

        if state.is_null() {
            ENOMEM.to_errno()
        } else {
            0
        }
    }

    /// # Safety
    ///
    /// `file` must be an open file of this entry.
    pub(super) unsafe fn records<'a>(file: *const file) -> &'a T {
        // SAFETY: The data of the entry is a pointer to the records, which live until all callers
        // are gone.
        unsafe { &*bindings::pde_data((*file).f_inode).cast::<T>() }
    }

    /// # Safety
    ///
    /// `m` must be an open file of this entry, used by nobody else.
    unsafe fn state<'a>(m: *mut seq_file) -> &'a mut State<T::Guard> {
        // SAFETY: /proc allocated `STATE_SIZE` bytes for it, aligned for any basic type, and
        // seq_file's lock keeps other users out.
        unsafe { &mut *(*m).private.cast() }
    }

    /// Moves `pos` on to the next record that there is, and makes the iterator for it; null if
    /// there is none. It is never dereferenced.
    fn iterator(records: &T, guard: &T::Guard, pos: &mut loff_t) -> *mut c_void {
        let Some(found) = usize::try_from(*pos)
            .ok()
            .and_then(|pos| records.seek(guard, pos))
        else {
            return core::ptr::null_mut();
        };

        // CAST: Positions are below `isize::MAX`.
        *pos = found as loff_t;
        core::ptr::without_provenance_mut(found.wrapping_add(1))
    }

    /// # Safety
    ///
    /// To be called by seq_file alone, for a file of this entry.
    unsafe extern "C" fn start(m: *mut seq_file, pos: *mut loff_t) -> *mut c_void {
        // SAFETY: By the function's contract; seq_file keeps the file that it was opened for.
        let (records, state, opener) = unsafe {
            let file = (*m).file;
            (Self::records(file), Self::state(m), Opener::from_raw(file))
        };

        let guard = state.0.write(records.start(opener));
        // SAFETY: seq_file passes a valid pointer.
        Self::iterator(records, guard, unsafe { &mut *pos })
    }

    /// # Safety
    ///
    /// To be called by seq_file alone, for a file of this entry, between `start` and `stop`.
    unsafe extern "C" fn next(
        m: *mut seq_file,
        _iterator: *mut c_void,
        pos: *mut loff_t,
    ) -> *mut c_void {
        // SAFETY: By the function's contract; `start` has written the guard.
        let (records, guard) =
            unsafe { (Self::records((*m).file), Self::state(m).0.assume_init_ref()) };

        // SAFETY: seq_file passes a valid pointer.
        let pos = unsafe { &mut *pos };
        *pos = pos.saturating_add(1);
        Self::iterator(records, guard, pos)
    }

    /// # Safety
    ///
    /// To be called by seq_file alone, for a file of this entry, between `start` and `stop`.
    unsafe extern "C" fn show(m: *mut seq_file, iterator: *mut c_void) -> c_int {
        // SAFETY: By the function's contract; `start` has written the guard.
        let (records, guard) =
            unsafe { (Self::records((*m).file), Self::state(m).0.assume_init_ref()) };
        // SAFETY: The file is valid and ours for the length of this call.
        let m = unsafe { SeqFile::from_raw(m) };

        // `iterator()` added one.
        let pos = iterator.addr().wrapping_sub(1);
        from_result(|| records.show(guard, pos, m).map(|()| 0))
    }

    /// # Safety
    ///
    /// To be called by seq_file alone, for a file of this entry, once after each `start`.
    unsafe extern "C" fn stop(m: *mut seq_file, _iterator: *mut c_void) {
        // SAFETY: seq_file pairs each `start` with one `stop`, also when `start` returned null,
        // so the guard was written and is not used again.
        unsafe { Self::state(m).0.assume_init_drop() };
    }
}
