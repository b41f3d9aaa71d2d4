// SPDX-License-Identifier: GPL-2.0

//! Names of events.

use kernel::{
    fmt,
    prelude::*,
    str::CString, //
};

/// The name of an event: `system:event`, as tracefs has it, and as it is displayed.
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
    /// Makes a copy of both parts. May sleep.
    pub fn new(system: &CStr, event: &CStr) -> Result<Self> {
        Ok(Self {
            system: system.try_into()?,
            event: event.try_into()?,
        })
    }

    /// The parts in front of and behind the colon.
    pub fn parts(&self) -> (&CStr, &CStr) {
        (&self.system, &self.event)
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("{}:{}", &*self.system, &*self.event))
    }
}
