// SPDX-License-Identifier: GPL-2.0

//! Groups of counters of other modules: each is a record of /proc/tally.
//!
//! C header: [`include/tally.h`](srctree/include/tally.h)
//!
//! A module declares its counters as a struct, counts in them by single instructions, and tally
//! keeps the totals exact while CPUs come and go.

mod c;
mod names;
mod registry;

use core::ops::Deref;

use kernel::prelude::*;
use kernel_ext::percpu::{
    Counters,
    Overlay,
    PerCpu, //
};

pub(crate) use self::registry::Groups;
use self::registry::Registration;

/// Shows counters in /proc/tally, as the record `Group NAME`, until it is dropped.
///
/// It derefs to the struct of counters, declared by [`counters!`](crate::counters), which are
/// changed by single instructions in any context. What a CPU has counted leaves its copy when it
/// dies and is kept by tally, so the totals are in the files alone.
///
/// The names are copied and the memory is tally's: a group that is leaked stays in the files, under
/// its name, and does no harm.
///
/// # Examples
///
/// ```
/// use tally::{
///     counters,
///     Group, //
/// };
///
/// counters! {
///     /// What a port did.
///     struct Port {
///         /// Frames that came.
///         frames: u64,
///         /// Frames that were dropped.
///         drops: u64,
///     }
/// }
///
/// let port = Group::<Port>::new(c"port0")?;
/// port.frames.inc();
/// port.drops.add(2);
///
/// assert!(matches!(Group::<Port>::new(c"port0"), Err(error) if error == EEXIST));
/// drop(port);
/// assert!(Group::<Port>::new(c"port0").is_ok());
/// # Ok::<(), Error>(())
/// ```
pub struct Group<T: Counters> {
    // The record goes before the memory that it shows.
    _registration: Registration,
    counters: Overlay<T>,
}

impl<T: Counters> Group<T> {
    /// Adds the record `Group NAME` to the files, with a key for each counter, all of them zero.
    ///
    /// `name` has 1 to 64 bytes, which print and are no blanks. A group has at most 256 counters;
    /// their names have at most 64 bytes, `[a-z][a-z0-9_]*`, or this does not compile.
    ///
    /// Fails with `EEXIST` if there is a group of that name, with `EINVAL` if it has a blank or what
    /// does not print in it or is empty, with `E2BIG` if it is too long, and with `ENOMEM`. May sleep,
    /// and so may dropping a group, which waits for readers that are inside of one. Neither takes the
    /// CPU hotplug lock, so both may be done in a hotplug callback.
    pub fn new(name: &CStr) -> Result<Self> {
        const { names::assert_keys(T::KEYS) };

        let registration = Registration::new(name, T::KEYS)?;
        let counters = Overlay::new(registration.slots().clone())?;

        Ok(Self {
            _registration: registration,
            counters,
        })
    }
}

impl<T: Counters> Deref for Group<T> {
    type Target = PerCpu<T>;

    #[inline(always)]
    fn deref(&self) -> &PerCpu<T> {
        &self.counters
    }
}
