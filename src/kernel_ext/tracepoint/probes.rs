// SPDX-License-Identifier: GPL-2.0

//! Probes on events by name, of the kernel and of modules that come and go.
//!
//! A probe that is attached by name outlives the tracepoint if that is a module's. The chain of
//! modules with tracepoints ([`TracepointModules`]) says when one comes and goes, for functions that of
//! all modules ([`ModuleState`]), and that moves the probe between two states:
//!
//! ```text
//! attach()                                 attach_or_defer()
//!     |  the event must be there              |            |
//!     |                   the event is there  |            |  it is not
//!     |    +----------------------------------+            |
//!     v    v            its module comes                   v
//!   attached  <-----------------------------------------  pending
//!     |    |  ----------------------------------------->   |
//!     |                 its module goes                    |
//!     |                                                    |
//!     +------------->  detached, a grace period  <---------+
//!      the EventRegistration is dropped
//! ```
//!
//! When a module goes, its probes are taken off under the lock of the kernel's list of modules, and
//! nothing waits there: the kernel itself waits for a grace period before the module's memory goes,
//! and the function and the data of the probe stay.
//!
//! The lock of the list of probes ([`Entries`](entries::Entries)) is held for changes of it alone.
//! Data is dropped, and closures of users are called, with no lock held: both may attach and detach
//! probes.

mod entries;
mod entry;
mod event_registration;
mod shared;

use kernel::{
    prelude::*,
    sync::Arc, //
};

pub use self::event_registration::EventRegistration;
use self::{
    entries::{
        Brings,
        Entries, //
    },
    entry::Entry,
    shared::Shared, //
};
use super::{
    bare_probe::ProbeData,
    built_in::{
        BuiltInTracepoint,
        Source, //
    },
    event_name::EventName,
    own_module::OwnModule,
    probe::{
        Probe,
        Tracepoint, //
    },
    refused::is_refused,
    trace_event::TraceEvent, //
};
use crate::{
    compat::EOPNOTSUPP,
    notifier::{
        self,
        for_each_tracepoint_module,
        ModuleState,
        TracepointModules, //
    }, //
};

/// Attaches probes to events of the kernel and of modules, by the names of the events.
///
/// A probe on an event of a module leaves it before the module goes, and is pending until it comes
/// back. Events are what `TRACE_EVENT()` and its like make. The tracepoints of `DECLARE_TRACE()`
/// have no event, and the events of kprobes and uprobes, of user space and synthetic ones have no
/// tracepoint: neither can be probed. The events of system calls, `syscalls:sys_enter_read` and its
/// like, have none either, but they can be counted, by a [`Slot`](crate::percpu::Slot) or by
/// [`ErrorSlots`](super::ErrorSlots). So can calls of functions of the kernel and of modules: each name
/// is an event of the system `function`, of all functions that are called so together.
///
/// Everything but [`attached`](Self::attached) sleeps. It takes the kernel's locks of the modules
/// with tracepoints, of events, of tracepoints and of CPU hotplug, so none of it may
/// be done under one of these. In a call of [`TracepointModules`], where the first of them is held,
/// what would take it fails with `EDEADLK`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::Arc, //
/// };
/// use kernel_ext::{
///     compat::EOPNOTSUPP,
///     percpu::Slots,
///     tracepoint::{
///         EventName,
///         Probes, //
///     }, //
/// };
///
/// let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
/// let slots = KBox::pin_init(Slots::new(), GFP_KERNEL)?;
///
/// let switches = slots.alloc(GFP_KERNEL)?;
/// let name = Arc::new(EventName::new(c"sched", c"sched_switch")?, GFP_KERNEL)?;
/// let attached = probes.attach(name, switches.clone())?;
/// kernel::time::delay::fsleep(kernel::time::Delta::from_millis(1));
/// drop(attached);
/// assert!(switches.sum_possible() > 0);
///
/// assert_eq!(probes.find(c"sched", c"no_such_event"), Err(ENOENT));
/// if cfg!(CONFIG_FTRACE_SYSCALLS) {
///     assert_eq!(probes.find(c"syscalls", c"sys_enter_open"), Ok(()));
///     assert_eq!(probes.find_tracepoint(c"syscalls", c"sys_enter_open"), Err(EOPNOTSUPP));
/// }
/// # Ok::<(), Error>(())
/// ```
#[pin_data(PinnedDrop)]
pub struct Probes {
    #[pin]
    modules: notifier::Registration<TracepointModules, Arc<Shared>>,
    #[pin]
    functions: notifier::Registration<ModuleState, Arc<Shared>>,
}

impl Probes {
    /// Subscribes to modules that come and go, with no probe attached.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    ///
    /// The module that kernel_ext is part of is not unloaded before the result and all that it has
    /// attached are dropped. That module has the code of the probes, so a registration that is
    /// leaked is a leak and no more, also when the module that has leaked it is unloaded.
    pub fn new() -> impl PinInit<Self, Error> {
        Self::with(OwnModule::get)
    }

    /// Does what [`new`](Self::new) does, for `module`, which may be the one that kernel_ext is
    /// part of.
    ///
    /// Such a module would keep itself loaded for ever by `new`. So nothing keeps it loaded here,
    /// and it must not leak registrations. For all other modules this is the same as `new`.
    pub fn of(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        Self::with(move || OwnModule::get_for(module))
    }

    fn with(code: impl FnOnce() -> OwnModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let shared = Arc::pin_init(Shared::new(code()), GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                modules <- notifier::Registration::new(TracepointModules, 0, shared.clone()),
                functions <- notifier::Registration::new(ModuleState, 0, shared),
            }? Error))
        })
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.modules
    }

    /// Checks that an event can be counted now.
    ///
    /// Sleeps. Fails with `ENOENT` if there is no event of that name, with `EOPNOTSUPP` if it is
    /// neither a tracepoint's nor a system call's or must not be probed, and with `EDEADLK` where
    /// [`TracepointModules`] calls subscribers.
    pub fn find(&self, system: &CStr, event: &CStr) -> Result {
        match self.shared().built_in(system, event)? {
            Some(_) => Ok(()),
            None => match Brings::of(system) {
                Brings::Events => find_in_modules(system, event),
                Brings::Functions => self.shared().find_function_in_modules(event),
            },
        }
    }

    /// Checks that an event has a tracepoint now, which any [`BareProbe`](super::BareProbe) may be
    /// attached to.
    ///
    /// Sleeps. Fails as [`find`](Self::find) does, and with `EOPNOTSUPP` if it is a system call's or a
    /// function's, whether there is such a function or not.
    pub fn find_tracepoint(&self, system: &CStr, event: &CStr) -> Result {
        if let Brings::Functions = Brings::of(system) {
            return Err(EOPNOTSUPP);
        }
        match self.shared().built_in(system, event)? {
            Some(Source::Tracepoint(_)) => Ok(()),
            Some(Source::Syscall(_) | Source::Function(_)) => Err(EOPNOTSUPP),
            None => find_in_modules(system, event),
        }
    }

    /// Calls `f` with system and event of each event that can be counted now, until `f` fails.
    ///
    /// Sleeps. No lock is held while `f` runs. The first call looks up all events of the kernel,
    /// which takes long. Events of the kernel whose systems Linux 7.3 does not have are left out.
    ///
    /// Fails as `f` does, with `ENOMEM`, and with `EDEADLK` where [`TracepointModules`] calls
    /// subscribers.
    pub fn for_each_event(&self, mut f: impl FnMut(&CStr, &CStr) -> Result) -> Result {
        for built_in in self.shared().all_built_in()? {
            let (system, event) = built_in.name();
            f(system, event)?;
        }

        // `f` may do anything, such as to attach a probe, which takes the lock of the modules'
        // list.
        for name in events_of_modules()? {
            let (system, event) = name.parts();
            f(system, event)?;
        }
        Ok(())
    }

    /// Calls `f` with the name of each function whose calls can be counted now and whose name matches,
    /// until `f` fails; with no more than `most` and one.
    ///
    /// Sleeps, and takes long. No lock is held while `f` runs, but while `matches` does. Functions whose
    /// names have a dot are left out.
    ///
    /// Fails as `f` does, and with `ENOMEM`.
    pub fn for_each_function(
        &self,
        most: usize,
        matches: impl FnMut(&CStr) -> bool,
        f: impl FnMut(&CStr) -> Result,
    ) -> Result {
        let names = self.shared().matching_functions(most, matches)?;
        names.try_for_each(f)
    }

    /// Returns how many probes are on events, without those that are pending.
    ///
    /// Any context.
    pub fn attached(&self) -> usize {
        self.shared().attached()
    }

    /// Attaches the probe that `data` keeps to an event that is there, and keeps `data`.
    ///
    /// Sleeps. Fails as [`find`](Self::find) does; with `EOPNOTSUPP` if the event is a system call's
    /// and the probe does more than to count; with `EEXIST` if the event has this probe with the same
    /// data already, be it through a clone of `data`; and with `ENOMEM`. Then `data` is dropped, and no
    /// lock is held.
    pub fn attach(&self, name: Arc<EventName>, data: impl ProbeData) -> Result<EventRegistration> {
        self.attach_if(name, data, false)
    }

    /// Attaches the probe that `data` keeps to an event that is there or comes later.
    ///
    /// As long as there is no event of that name the probe is pending. When the event's module
    /// comes, nothing is allocated but what the kernel itself needs for the probe. Should the
    /// kernel refuse the probe, it stays pending, and the log says that the event is not counted. For
    /// functions that a module brings some memory is allocated then.
    ///
    /// Sleeps. Fails as [`attach`](Self::attach) does, but not with `ENOENT`.
    pub fn attach_or_defer(
        &self,
        name: Arc<EventName>,
        data: impl ProbeData,
    ) -> Result<EventRegistration> {
        self.attach_if(name, data, true)
    }

    /// Attaches a probe to the tracepoint that it is for, which is built in, and keeps it.
    ///
    /// The registration is as those of other probes, so that one wait serves many; `name` is what the
    /// probe is called, whatever the tracepoint's event is.
    ///
    /// Sleeps. Fails with `ENOENT` if the kernel has no such tracepoint, with `EEXIST` if it has the probe
    /// already, be it through a clone of `probe`, and with `ENOMEM`.
    pub fn attach_to<T: Tracepoint, P: Probe<T>>(
        &self,
        name: Arc<EventName>,
        probe: Arc<P>,
    ) -> Result<EventRegistration> {
        let shared = self.shared();
        let tracepoint = BuiltInTracepoint::find(T::NAME).ok_or(ENOENT)?;
        // SAFETY: The function takes a pointer to a `P`, by the contract of `Tracepoint`, and may be
        // called by that of `Probe`.
        let entry = unsafe { Entry::for_tracepoint(name, T::probe::<P>(), probe) };
        let registration = EventRegistration::pending(shared, entry)?;

        // SAFETY: It is the tracepoint of that name.
        shared.change(|entries| unsafe { entries.attach_to(registration.id(), tracepoint) })?;
        Ok(registration)
    }

    fn attach_if(
        &self,
        name: Arc<EventName>,
        data: impl ProbeData,
        may_defer: bool,
    ) -> Result<EventRegistration> {
        let shared = self.shared();
        let (system, event) = name.parts();
        let built_in = shared.built_in(system, event)?;
        let entry = Entry::new(name.clone(), data)?;
        let brings = Brings::of(system);
        if brings == Brings::Functions && !entry.has_counter() {
            return Err(EOPNOTSUPP);
        }
        // If anything fails from here on, this takes the probe away as it is dropped.
        let registration = EventRegistration::pending(shared, entry)?;
        let is_built_in = built_in.is_some();

        if let Some(built_in) = built_in {
            shared.change(|entries| entries.attach(registration.id(), built_in))?;
        }
        // Functions of modules may be called as some of the kernel are, and count together with these.
        if brings == Brings::Functions || !is_built_in {
            shared.attach_to_module(registration.id(), brings)?;
        }
        if !may_defer && shared.is_pending(registration.id()) {
            return Err(ENOENT);
        }
        Ok(registration)
    }
}

#[pinned_drop]
impl PinnedDrop for Probes {
    fn drop(self: Pin<&mut Self>) {
        // Registrations may stay. The chain of modules does not tell a subscriber that leaves it of
        // modules that go, as that of modules with tracepoints does.
        self.shared().change(Entries::close);
    }
}

/// Checks that a module that is loaded has an event.
fn find_in_modules(system: &CStr, event: &CStr) -> Result {
    let mut found = Err(ENOENT);

    for_each_tracepoint_module(|module| {
        if TraceEvent::of_module(module).any(|one| one.is(system, event)) {
            found = Ok(());
        }
    })?;
    found
}

/// Returns the names of all events of modules that may be probed.
fn events_of_modules() -> Result<KVVec<EventName>> {
    let mut names = KVVec::new();
    let mut result = Ok(());

    for_each_tracepoint_module(|module| {
        for found in TraceEvent::of_module(module) {
            let (system, Some(event)) = (found.system(), found.event()) else {
                continue;
            };
            if result.is_ok() && !is_refused(system, event) {
                result = EventName::new(system, event)
                    .and_then(|name| Ok(names.push(name, GFP_KERNEL)?));
            }
        }
    })?;
    result.map(|()| names)
}
