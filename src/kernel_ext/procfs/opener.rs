// SPDX-License-Identifier: GPL-2.0

//! Who opened a file.

use core::marker::PhantomData;

use kernel::{
    bindings::{
        file,
        file_ns_capable,
        init_user_ns, //
    },
    prelude::*, //
};

/// Stands for whoever opened a file in /proc: their credentials decide what the file may do, not
/// those of the task that reads or writes it, to whom it may have been passed.
///
/// # Invariants
///
/// The pointer is to a file that is open for `'a`.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    file: *const file,
    _file: PhantomData<&'a file>,
}

/// Names what a task may be allowed to do: `CAP_...`, see capabilities(7).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Look at how the system performs: `CAP_PERFMON`. `CAP_SYS_ADMIN` includes it.
    Perfmon,
}

impl Opener<'_> {
    /// Makes an opener of a file that is open.
    ///
    /// # Safety
    ///
    /// The file must be open for as long as the result lives.
    pub(super) unsafe fn from_raw(file: *const file) -> Self {
        // INVARIANT: The caller vouches for it.
        Self {
            file,
            _file: PhantomData,
        }
    }

    /// Tells whether the file was opened with a capability in the initial user namespace:
    /// `file_ns_capable()`.
    ///
    /// Full rights in a namespace of one's own do not count. Process context.
    pub fn capable(self, capability: Capability) -> bool {
        let capable = |number| {
            // SAFETY: The file is open by the type invariant; the namespace is the kernel's own.
            unsafe { file_ns_capable(self.file, &raw mut init_user_ns, number) }
        };

        match capability {
            // As perfmon_capable().
            Capability::Perfmon => capable(CAP_PERFMON) || capable(CAP_SYS_ADMIN),
        }
    }
}

// CAST: Capabilities are numbers below 64; bindgen gives them an unsigned type.
const CAP_PERFMON: c_int = kernel::bindings::CAP_PERFMON as c_int;
const CAP_SYS_ADMIN: c_int = kernel::bindings::CAP_SYS_ADMIN as c_int;
