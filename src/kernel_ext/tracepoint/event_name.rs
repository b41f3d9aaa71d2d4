// SPDX-License-Identifier: GPL-2.0

//! Names of events.

use kernel::{
    fmt,
    prelude::*,
    str::CString, //
};

/// Names an event, as tracefs does.
///
/// It is displayed as `system:event`.
///
/// # Examples
///
/// ```
/// use kernel::str::CString;
/// use kernel_ext::tracepoint::EventName;
///
/// let name = EventName::new(c"sched", c"sched_switch")?;
/// assert_eq!(&*CString::try_from_fmt(fmt!("{name}"))?, c"sched:sched_switch");
/// # Ok::<(), Error>(())
/// ```
pub struct EventName {
    system: CString,
    event: CString,
}

impl EventName {
    /// Copies both parts of a name.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub fn new(system: &CStr, event: &CStr) -> Result<Self> {
        Ok(Self {
            system: system.try_into()?,
            event: event.try_into()?,
        })
    }

    /// Returns the parts in front of and behind the colon: system and event.
    pub fn parts(&self) -> (&CStr, &CStr) {
        (&self.system, &self.event)
    }

    /// Returns whether an event that is called so happens when a system call is over:
    /// `syscalls:sys_exit_read`.
    pub fn is_syscall_exit(&self) -> bool {
        &*self.system == c"syscalls" && self.event.to_bytes().starts_with(b"sys_exit_")
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("{}:{}", &*self.system, &*self.event))
    }
}
