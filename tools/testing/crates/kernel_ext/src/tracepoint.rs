// SPDX-License-Identifier: GPL-2.0

//! Events that exist and happen as the thread says, and probes on them.

mod disk_latencies;
mod interval;

use core::{
    cell::RefCell,
    ffi::CStr,
    fmt, //
};

use kernel::{
    alloc::{
        allocate,
        KVVec, //
    },
    error::{
        code::{
            ENOENT,
            EOPNOTSUPP, //
        },
        Result, //
    },
    str::CString,
    sync::Arc,
    ThisModule, //
};

pub use self::disk_latencies::DiskLatencies;
pub use self::interval::{
    set_waits_are_told,
    Handler,
    HandlerTimes,
    Interval,
    Lengths,
    RequestLatencies,
    RunqueueWaits,
    Since, //
};
use crate::percpu::Slot;

#[path = "../../../../../src/kernel_ext/tracepoint"]
mod files {
    #[allow(dead_code)]
    mod system_search;
    mod systems;

    use core::ffi::CStr;

    use kernel::error::Result;

    /// Searches for the systems of tracepoints.
    pub struct SystemSearch(system_search::SystemSearch);

    impl SystemSearch {
        pub fn new() -> Result<Self> {
            system_search::SystemSearch::new().map(Self)
        }

        pub fn find(
            &mut self,
            name: &CStr,
            is_right: impl Fn(&CStr) -> bool,
        ) -> Option<&'static CStr> {
            self.0.find(name, is_right)
        }

        pub fn systems() -> &'static [&'static CStr] {
            &systems::SYSTEMS
        }
    }
}

pub use self::files::SystemSearch;

thread_local! {
    static EVENTS: RefCell<Events> = const {
        RefCell::new(Events {
            there: Vec::new(),
            registered: Vec::new(),
            next: 0,
        })
    };
}

/// Holds the events that there are, and the probes on these and on others.
struct Events {
    there: Vec<(std::ffi::CString, std::ffi::CString)>,
    registered: Vec<Registered>,
    next: u64,
}

struct Registered {
    id: u64,
    name: Arc<EventName>,
    data: Box<dyn ProbeData>,
}

impl Events {
    fn has(&self, name: (&CStr, &CStr)) -> bool {
        self.there.iter().any(|one| (&*one.0, &*one.1) == name)
    }
}

fn text(text: &str) -> std::ffi::CString {
    std::ffi::CString::new(text).expect("it has no NUL")
}

/// Has these events, `system:event`, exist, and no others. Probes stay registered.
pub fn set_events<'a>(names: impl IntoIterator<Item = &'a str>) {
    let parts = names.into_iter().filter_map(|name| name.split_once(':'));
    let there = parts
        .map(|(system, event)| (text(system), text(event)))
        .collect();
    EVENTS.with_borrow_mut(|events| events.there = there);
}

/// Has an event happen on the CPU that this runs on. Returns how many probes saw it.
pub fn happen(name: &str) -> usize {
    let (system, event) = name.split_once(':').expect("it is a name");
    let name = (&*text(system), &*text(event));
    EVENTS.with_borrow(|events| {
        if !events.has(name) {
            return 0;
        }
        let ours = events
            .registered
            .iter()
            .filter(|one| one.name.parts() == name);
        ours.map(|one| one.data.probe()).count()
    })
}

/// Returns how many probes there are, pending ones included.
pub fn registrations() -> usize {
    EVENTS.with_borrow(|events| events.registered.len())
}

/// Names an event.
pub struct EventName {
    system: CString,
    event: CString,
}

impl EventName {
    pub fn new(system: &CStr, event: &CStr) -> Result<Self> {
        Ok(Self {
            system: system.try_into()?,
            event: event.try_into()?,
        })
    }

    pub fn parts(&self) -> (&CStr, &CStr) {
        (&self.system, &self.event)
    }

    pub fn is_syscall_exit(&self) -> bool {
        &*self.system == c"syscalls" && self.event.to_bytes().starts_with(b"sys_exit_")
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: &CStr| part.to_string_lossy().into_owned();
        write!(f, "{}:{}", part(&self.system), part(&self.event))
    }
}

/// Is what a probe counts in.
pub trait ProbeData: Send + Sync + 'static {
    /// Counts an event.
    fn probe(&self);
}

impl ProbeData for Slot {
    fn probe(&self) {
        self.inc();
    }
}

/// Counts calls of a system, and those that failed.
#[derive(Clone)]
pub struct ErrorSlots {
    pub count: Slot,
    pub errors: Slot,
}

impl ProbeData for ErrorSlots {
    fn probe(&self) {
        self.count.inc();
    }
}

/// Finds events, and attaches probes to them.
pub struct Probes(());

impl Probes {
    pub fn of(_: &'static ThisModule) -> Result<Self> {
        allocate()?;
        Ok(Self(()))
    }

    pub fn find(&self, system: &CStr, event: &CStr) -> Result {
        if EVENTS.with_borrow(|events| events.has((system, event))) {
            return Ok(());
        }
        Err(ENOENT)
    }

    pub fn find_tracepoint(&self, system: &CStr, event: &CStr) -> Result {
        if system == c"function" {
            return Err(EOPNOTSUPP);
        }
        self.find(system, event)?;
        if system == c"syscalls" {
            return Err(EOPNOTSUPP);
        }
        Ok(())
    }

    pub fn for_each_event(&self, mut f: impl FnMut(&CStr, &CStr) -> Result) -> Result {
        allocate()?;
        let there = EVENTS.with_borrow(|events| events.there.clone());
        let mut events = there.iter().filter(|one| &*one.0 != c"function");
        events.try_for_each(|(system, event)| f(system, event))
    }

    pub fn for_each_function(
        &self,
        _most: usize,
        mut matches: impl FnMut(&CStr) -> bool,
        mut f: impl FnMut(&CStr) -> Result,
    ) -> Result {
        allocate()?;
        let there = EVENTS.with_borrow(|events| events.there.clone());
        let functions = there.iter().filter(|one| &*one.0 == c"function");
        let mut functions = functions.filter(|one| matches(&one.1));
        functions.try_for_each(|(_, name)| f(name))
    }

    pub fn attached(&self) -> usize {
        EVENTS.with_borrow(|events| {
            let attached = events
                .registered
                .iter()
                .filter(|one| events.has(one.name.parts()));
            attached.count()
        })
    }

    pub fn attach(&self, name: Arc<EventName>, data: impl ProbeData) -> Result<EventRegistration> {
        let (system, event) = name.parts();
        self.find(system, event)?;
        self.attach_or_defer(name, data)
    }

    pub fn attach_to<P>(&self, name: Arc<EventName>, probe: Arc<P>) -> Result<EventRegistration>
    where
        Arc<P>: ProbeData,
    {
        self.attach_or_defer(name, probe)
    }

    pub fn attach_or_defer(
        &self,
        name: Arc<EventName>,
        data: impl ProbeData,
    ) -> Result<EventRegistration> {
        allocate()?;
        let data = Box::new(data);
        Ok(EVENTS.with_borrow_mut(|events| {
            let id = events.next;
            events.next += 1;
            events.registered.push(Registered { id, name, data });
            EventRegistration { id }
        }))
    }
}

/// Keeps a probe, until it is dropped.
pub struct EventRegistration {
    id: u64,
}

impl EventRegistration {
    /// Drops those of which `unwanted` is true.
    pub fn drop_if<T: AsMut<[Self]>>(many: &mut KVVec<T>, mut unwanted: impl FnMut(&T) -> bool) {
        many.retain(|one| !unwanted(one));
    }
}

impl AsMut<[Self]> for EventRegistration {
    fn as_mut(&mut self) -> &mut [Self] {
        core::slice::from_mut(self)
    }
}

impl Drop for EventRegistration {
    fn drop(&mut self) {
        // What is dropped may be the last that keeps a counter, so it is dropped outside.
        let dropped = EVENTS.try_with(|events| {
            let mut events = events.borrow_mut();
            let place = events.registered.iter().position(|one| one.id == self.id);
            place.map(|place| events.registered.swap_remove(place))
        });
        drop(dropped);
    }
}
