// SPDX-License-Identifier: GPL-2.0

//! Rows of the table of states.

use core::marker::PhantomData;

use kernel::{
    bindings::{
        cpuhp_state,
        hlist_node, //
    },
    error::to_result,
    prelude::*, //
};

use crate::{
    bindings,
    cpu::CpusReadGuard, //
};

use super::Kind;

/// A row of the table of states that is to be taken: a name, and a number or any.
///
/// A name alone is a slot with a number that the kernel picks: `CPUHP_BP_PREPARE_DYN` or
/// `CPUHP_AP_ONLINE_DYN`. /sys/devices/system/cpu/hotplug/states shows both.
pub struct Slot<K: Kind> {
    name: &'static CStr,
    number: cpuhp_state,
    _kind: PhantomData<K>,
}

impl<K: Kind> From<&'static CStr> for Slot<K> {
    fn from(name: &'static CStr) -> Self {
        Self {
            name,
            number: K::DYNAMIC,
            _kind: PhantomData,
        }
    }
}

impl<K: Kind> Slot<K> {
    /// A slot with a static number, that is, an enumerator of `enum cpuhp_state`.
    ///
    /// What a state must come before or after is fixed by its place in that enumeration, which
    /// nobody can extend but the kernel: each number is there for one piece of code. This is for
    /// that piece, built into the kernel or shipped with it. All others are called in the order in
    /// which they were added, which is what dynamic numbers give. It does not compile with a number
    /// of another section, or one that is dynamic.
    ///
    /// # Safety
    ///
    /// No other code of this kernel may use the number. The table tells a state from another by
    /// its number alone: who adds an instance to a state that is not his has callbacks of a type
    /// called with another's memory.
    pub const unsafe fn fixed<const NUMBER: cpuhp_state>(name: &'static CStr) -> Self {
        const {
            assert!(
                K::BELOW < NUMBER && NUMBER < K::ABOVE,
                "the number is of another section"
            );
            assert!(
                NUMBER < K::DYNAMIC || K::DYNAMIC_END < NUMBER,
                "the number is a dynamic one"
            );
        }
        Self {
            name,
            number: NUMBER,
            _kind: PhantomData,
        }
    }

    /// Takes the slot for a state with one instance; its number.
    ///
    /// # Safety
    ///
    /// The callbacks must be those of a state of this kind, and stay valid until the state is
    /// removed.
    pub(super) unsafe fn take_single(
        self,
        startup: unsafe extern "C" fn(c_uint) -> c_int,
        teardown: unsafe extern "C" fn(c_uint) -> c_int,
        locked: Option<&CpusReadGuard>,
    ) -> Result<cpuhp_state> {
        let setup = match locked {
            Some(_) => bindings::__cpuhp_setup_state_cpuslocked,
            None => bindings::__cpuhp_setup_state,
        };

        // SAFETY: The name is 'static, and the guard is there if the lock must be held. The caller
        // vouches for the callbacks.
        let raw = unsafe {
            setup(
                self.number,
                self.name.as_char_ptr(),
                K::CALLS,
                Some(startup),
                Some(teardown),
                false,
            )
        };
        self.number(raw)
    }

    /// Takes the slot for a state with many instances; its number.
    ///
    /// # Safety
    ///
    /// As for [`take_single`](Self::take_single).
    pub(super) unsafe fn take_multi(
        self,
        startup: unsafe extern "C" fn(c_uint, *mut hlist_node) -> c_int,
        teardown: unsafe extern "C" fn(c_uint, *mut hlist_node) -> c_int,
    ) -> Result<cpuhp_state> {
        type Single = unsafe extern "C" fn(c_uint) -> c_int;
        type Multi = unsafe extern "C" fn(c_uint, *mut hlist_node) -> c_int;

        // SAFETY: The C function takes callbacks of either type through this one, and goes by
        // its last argument to tell which. All that differs is the signature.
        let [startup, teardown] = unsafe {
            [
                core::mem::transmute::<Multi, Single>(startup),
                core::mem::transmute::<Multi, Single>(teardown),
            ]
        };

        // SAFETY: The name is 'static. The caller vouches for the callbacks.
        let raw = unsafe {
            bindings::__cpuhp_setup_state(
                self.number,
                self.name.as_char_ptr(),
                false,
                Some(startup),
                Some(teardown),
                true,
            )
        };
        self.number(raw)
    }

    /// The number that was taken, by what setup returned.
    fn number(&self, raw: c_int) -> Result<cpuhp_state> {
        to_result(raw.min(0))?;

        // A dynamic number comes back in place of 0.
        Ok(if raw > 0 { raw } else { self.number })
    }
}
