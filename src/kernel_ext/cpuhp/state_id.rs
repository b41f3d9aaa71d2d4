// SPDX-License-Identifier: GPL-2.0

//! What names a state of the table: `enum cpuhp_state`, and the name in sysfs.

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

use super::Section;

/// Names a state that is to be set up, and says which number it gets: a certain one, or any that is
/// free.
///
/// Made from a name alone it asks for the first dynamic number that is free, above
/// `CPUHP_BP_PREPARE_DYN` or `CPUHP_AP_ONLINE_DYN`. /sys/devices/system/cpu/hotplug/states shows
/// name and number.
pub struct StateId<S: Section> {
    name: &'static CStr,
    number: cpuhp_state,
    _section: PhantomData<S>,
}

impl<S: Section> From<&'static CStr> for StateId<S> {
    fn from(name: &'static CStr) -> Self {
        Self {
            name,
            number: S::DYNAMIC,
            _section: PhantomData,
        }
    }
}

impl<S: Section> StateId<S> {
    /// Asks for a static number: an enumerator of `enum cpuhp_state`.
    ///
    /// What a state must come before or after is fixed by its place in that enumeration, which
    /// nobody can extend but the kernel: each number is there for one piece of code. This is for
    /// that piece, built into the kernel or shipped with it. All others are called in the order in
    /// which they were added, which is what dynamic numbers give. It does not compile with a number
    /// of another section, or one that is dynamic.
    ///
    /// # Safety
    ///
    /// No other code of this kernel may use the number. The hotplug core identifies a state by its
    /// number alone. If another owner uses the number too, its callbacks are called with instances
    /// of this state, which are of another type.
    pub const unsafe fn fixed<const NUMBER: cpuhp_state>(name: &'static CStr) -> Self {
        const {
            assert!(
                S::BELOW < NUMBER && NUMBER < S::ABOVE,
                "the number is of another section"
            );
            assert!(
                NUMBER < S::DYNAMIC || S::DYNAMIC_END < NUMBER,
                "the number is a dynamic one"
            );
        }
        Self {
            name,
            number: NUMBER,
            _section: PhantomData,
        }
    }

    /// Sets up a state with one instance, and returns its number.
    ///
    /// # Safety
    ///
    /// The callbacks must be those of a state of this section, and stay valid until the state is
    /// removed.
    pub(super) unsafe fn setup_single(
        self,
        startup: unsafe extern "C" fn(c_uint) -> c_int,
        teardown: unsafe extern "C" fn(c_uint) -> c_int,
        locked: Option<&CpusReadGuard>,
    ) -> Result<cpuhp_state> {
        let (setup, remove): (Setup, Remove) = match locked {
            Some(_) => (
                bindings::__cpuhp_setup_state_cpuslocked,
                bindings::__cpuhp_remove_state_cpuslocked,
            ),
            None => (
                bindings::__cpuhp_setup_state,
                bindings::__cpuhp_remove_state,
            ),
        };
        let name = self.name.as_char_ptr();

        self.take(|number| {
            // SAFETY: The name is 'static, and the guard is there if the lock must be held. The
            // caller vouches for the callbacks.
            let done = to_result(unsafe {
                setup(number, name, S::CALLS, Some(startup), Some(teardown), false)
            });
            if done != Err(EBUSY) || !S::CALLS {
                return done.map_err(Refusal::from);
            }

            // Either the number is taken or a callback said so, in which case it is free again.
            // SAFETY: As above, for a state without callbacks.
            to_result(unsafe { setup(number, name, false, None, None, false) })?;
            // SAFETY: The state was just set up, and nobody was told of it.
            unsafe { remove(number, false) };
            Err(Refusal::Callback(EBUSY))
        })
    }

    /// Sets up a state with many instances, and returns its number.
    ///
    /// # Safety
    ///
    /// As for [`setup_single`](Self::setup_single).
    pub(super) unsafe fn setup_multi(
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

        let name = self.name.as_char_ptr();

        self.take(|number| {
            // SAFETY: The name is 'static. The caller vouches for the callbacks.
            to_result(unsafe {
                bindings::__cpuhp_setup_state(
                    number,
                    name,
                    false,
                    Some(startup),
                    Some(teardown),
                    true,
                )
            })?;
            Ok(())
        })
    }

    /// Calls `setup` with the number asked for, or with each dynamic one until it takes one that is
    /// free, and returns that number.
    ///
    /// The kernel picks a dynamic number when it is asked for `S::DYNAMIC`, and warns in the log
    /// when none is free. Asked for one of the others it says `EBUSY` when that one is taken. So
    /// each is tried by itself; the first, which can be had in no other way, is left to the
    /// kernel's own code, which takes it at boot.
    fn take(
        &self,
        setup: impl Fn(cpuhp_state) -> core::result::Result<(), Refusal>,
    ) -> Result<cpuhp_state> {
        if self.number != S::DYNAMIC {
            return match setup(self.number) {
                Ok(()) => Ok(self.number),
                Err(Refusal::Taken) => Err(EBUSY),
                Err(Refusal::Callback(error)) => Err(error),
            };
        }

        for number in S::DYNAMIC.saturating_add(1)..=S::DYNAMIC_END {
            match setup(number) {
                Ok(()) => return Ok(number),
                Err(Refusal::Taken) => {}
                Err(Refusal::Callback(error)) => return Err(error),
            }
        }
        Err(ENOSPC)
    }
}

type Setup = unsafe extern "C" fn(
    cpuhp_state,
    *const c_char,
    bool,
    Option<unsafe extern "C" fn(c_uint) -> c_int>,
    Option<unsafe extern "C" fn(c_uint) -> c_int>,
    bool,
) -> c_int;

type Remove = unsafe extern "C" fn(cpuhp_state, bool);

/// Says why a number was not set up.
enum Refusal {
    /// Another state has the number.
    Taken,
    /// A callback failed for a CPU that is up.
    Callback(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if error == EBUSY {
            Self::Taken
        } else {
            Self::Callback(error)
        }
    }
}
