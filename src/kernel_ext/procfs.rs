// SPDX-License-Identifier: GPL-2.0

//! Files in /proc that print one record after another.
//!
//! C headers: [`include/linux/proc_fs.h`](srctree/include/linux/proc_fs.h),
//! [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h)

use core::{
    mem::MaybeUninit,
    ptr::NonNull, //
};

use kernel::{
    bindings::{
        loff_t,
        proc_dir_entry,
        seq_file,
        seq_operations, //
    },
    error::from_result,
    prelude::*,
    seq_file::SeqFile, //
};

use crate::bindings;

/// The records of a file: `struct seq_operations`.
///
/// A read prints as many records as fit. Between two reads nothing is held, so records may come
/// and go meanwhile; a reader goes on with the number of the record that it has not seen yet.
/// All functions run in process context and may sleep.
pub trait SeqOperations: Send + Sync + 'static {
    /// What keeps the records still while some are printed, such as a lock guard.
    type Guard;

    /// Called before records are printed.
    fn start(&self) -> Self::Guard;

    /// How many records there are.
    fn len(&self, guard: &Self::Guard) -> usize;

    /// Prints a record. `index` is below [`len`](Self::len).
    ///
    /// Called again, with a larger buffer, when the record did not fit: so it must not consume
    /// anything.
    fn show(&self, guard: &Self::Guard, index: usize, m: &SeqFile) -> Result;
}

/// A file in /proc. Dropping it removes the file, and waits for readers inside `T`; files that
/// are open then read `EIO`.
///
/// # Invariants
///
/// `entry` was made for a pointer to `records`, and exists until it is dropped.
#[pin_data(PinnedDrop)]
pub struct SeqEntry<T: SeqOperations> {
    entry: NonNull<proc_dir_entry>,
    records: T,
}

// SAFETY: /proc has its own locks; the records are `Send`.
unsafe impl<T: SeqOperations> Send for SeqEntry<T> {}

// SAFETY: A shared reference gives access to nothing; the file's readers share the records, which
// are `Sync`.
unsafe impl<T: SeqOperations> Sync for SeqEntry<T> {}

/// What each open file has of its own: the guard, from `start` to `stop`.
struct State<G>(MaybeUninit<G>);

impl<T: SeqOperations> SeqEntry<T> {
    const OPS: seq_operations = seq_operations {
        start: Some(Self::start),
        stop: Some(Self::stop),
        next: Some(Self::next),
        show: Some(Self::show),
    };

    /// C treats a size of 0 as no state at all.
    const STATE_SIZE: c_uint = {
        let size = size_of::<State<T::Guard>>();
        assert!(size <= 64 && align_of::<State<T::Guard>>() <= align_of::<u64>());
        if size == 0 {
            1
        } else {
            size as c_uint
        }
    };

    /// Makes the file /proc/`name` with the permissions `mode`, which must not be 0. May sleep.
    ///
    /// `name` must be free: the kernel warns about a second file of the same name, and this fails
    /// with `ENOMEM`, which is all that it says.
    pub fn new(name: &'static CStr, mode: u16, records: T) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            records,
            entry: {
                // SAFETY: `records` was initialised above.
                let records = unsafe { &raw const (*this.as_ptr()).records };

                // INVARIANT: The entry is made for a pointer to `records`.
                // SAFETY: The name is copied. The operations are 'static, and go by the type of
                // the state and the data. The data is pinned, and `drop` removes the file before
                // it goes.
                NonNull::new(unsafe {
                    bindings::proc_create_seq_private(
                        name.as_char_ptr(),
                        mode,
                        core::ptr::null_mut(),
                        &Self::OPS,
                        Self::STATE_SIZE,
                        records.cast_mut().cast(),
                    )
                })
                .ok_or(ENOMEM)?
            },
        }? Error)
    }

    /// # Safety
    ///
    /// `m` must be an open file of this entry.
    unsafe fn records<'a>(m: *mut seq_file) -> &'a T {
        // SAFETY: The entry's data is a pointer to the records, which live until all callers are
        // gone.
        unsafe { &*bindings::seq_pde_data(m).cast::<T>() }
    }

    /// # Safety
    ///
    /// `m` must be an open file of this entry, used by nobody else.
    unsafe fn state<'a>(m: *mut seq_file) -> &'a mut State<T::Guard> {
        // SAFETY: /proc allocated `STATE_SIZE` bytes for it, aligned for any basic type, and
        // seq_file's lock keeps other users out.
        unsafe { &mut *(*m).private.cast() }
    }

    /// The iterator for the record at `pos`; null past the end. It is never dereferenced.
    fn iterator(records: &T, guard: &T::Guard, pos: loff_t) -> *mut c_void {
        match usize::try_from(pos) {
            Ok(index) if index < records.len(guard) => {
                core::ptr::without_provenance_mut(index.wrapping_add(1))
            }
            _ => core::ptr::null_mut(),
        }
    }

    /// # Safety
    ///
    /// To be called by seq_file alone, for a file of this entry.
    unsafe extern "C" fn start(m: *mut seq_file, pos: *mut loff_t) -> *mut c_void {
        // SAFETY: By the function's contract.
        let (records, state) = unsafe { (Self::records(m), Self::state(m)) };

        let guard = state.0.write(records.start());
        // SAFETY: seq_file passes a valid pointer.
        Self::iterator(records, guard, unsafe { *pos })
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
        let (records, guard) = unsafe { (Self::records(m), Self::state(m).0.assume_init_ref()) };

        // SAFETY: seq_file passes a valid pointer.
        let pos = unsafe { &mut *pos };
        *pos = pos.saturating_add(1);
        Self::iterator(records, guard, *pos)
    }

    /// # Safety
    ///
    /// To be called by seq_file alone, for a file of this entry, between `start` and `stop`.
    unsafe extern "C" fn show(m: *mut seq_file, iterator: *mut c_void) -> c_int {
        // SAFETY: By the function's contract; `start` has written the guard.
        let (records, guard) = unsafe { (Self::records(m), Self::state(m).0.assume_init_ref()) };
        // SAFETY: The file is valid and ours for the length of this call.
        let m = unsafe { SeqFile::from_raw(m) };

        // `iterator()` added one.
        let index = iterator.addr().wrapping_sub(1);
        from_result(|| records.show(guard, index, m).map(|()| 0))
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

#[pinned_drop]
impl<T: SeqOperations> PinnedDrop for SeqEntry<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the entry exists. This waits until nobody is inside our
        // callbacks, and nobody enters them again.
        unsafe { bindings::proc_remove(self.entry.as_ptr()) };
    }
}
