// SPDX-License-Identifier: GPL-2.0

//! The state that all registrations of one `Probes` share.
//!
//! Modules that come and go change it too: it is the subscriber to their chain.

use kernel::{
    prelude::*,
    str::CString,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex,
        SetOnce, //
    }, //
};

use super::{
    entries::{
        Entries,
        Id, //
    },
    entry::Entry, //
};
use crate::{
    notifier::{
        for_each_tracepoint_module,
        Notify,
        Subscriber,
        TracepointModuleAction,
        TracepointModuleNotice,
        TracepointModules, //
    },
    sync::named_mutex,
    tracepoint::{
        built_in::{
            BuiltIn,
            Source, //
        },
        functions::{
            KnownFunctions,
            FUNCTION, //
        },
        own_module::OwnModule, //
    }, //
};

/// Holds what registrations share with the subscriber to the modules' chain.
#[pin_data]
pub(super) struct Shared {
    #[pin]
    entries: Mutex<Entries>,
    /// How many probes are on events.
    attached: Atomic<usize>,
    all_built_in: SetOnce<KVVec<BuiltIn>>,
    #[pin]
    looking_up: Mutex<()>,
    #[pin]
    functions: Mutex<KnownFunctions>,
    /// Keeps the code loaded that registrations have on events.
    _code: OwnModule,
}

impl Shared {
    /// Makes the state of a [`Probes`](super::Probes), with no probe.
    pub(super) fn new(code: OwnModule) -> impl PinInit<Self> {
        pin_init!(Self {
            entries <- named_mutex!(Entries::new(), c"Probes::entries"),
            attached: Atomic::new(0),
            all_built_in: SetOnce::new(),
            looking_up <- named_mutex!((), c"Probes::looking_up"),
            functions <- named_mutex!(KnownFunctions::new(), c"Probes::functions"),
            _code: code,
        })
    }

    /// Returns how many probes are on events.
    pub(super) fn attached(&self) -> usize {
        self.attached.load(Relaxed)
    }

    /// Returns whether a probe is pending.
    pub(super) fn is_pending(&self, id: Id) -> bool {
        self.entries.lock().is_pending(id)
    }

    /// Calls `f` with the probes, to change them, under their lock.
    ///
    /// Sleeps. `f` must not drop a probe: see [`Entries`].
    pub(super) fn change<R>(&self, f: impl FnOnce(&mut Entries) -> R) -> R {
        let mut entries = self.entries.lock();

        let result = f(&mut entries);
        self.attached.store(entries.attached(), Relaxed);
        result
    }

    /// Gives up a probe, with its data, which is for the caller to drop.
    ///
    /// # Safety
    ///
    /// The probe must have been detached, and must have returned everywhere since then.
    pub(super) unsafe fn remove(&self, id: Id) -> Option<Entry> {
        // SAFETY: By the function's contract.
        unsafe { self.entries.lock().remove(id) }
    }

    /// Attaches a pending probe, if a module that is there has the event of its name.
    pub(super) fn attach_to_module(&self, id: Id) -> Result {
        let mut result = Ok(());

        for_each_tracepoint_module(|module| {
            if result.is_ok() {
                // SAFETY: The module is on the list that the chain tells of. It leaves the list
                // after the chain has told the subscriber that it goes, or that the subscriber
                // does.
                result = self.change(|entries| unsafe { entries.attach_to_module(id, module) });
            }
        })?;
        result
    }

    /// Returns all events that are built in, which the first call looks up.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn all_built_in(&self) -> Result<&[BuiltIn]> {
        let _alone = self.looking_up.lock();

        if self.all_built_in.as_ref().is_none() {
            self.all_built_in.populate(BuiltIn::all()?);
        }
        Ok(self.known_built_in())
    }

    /// Returns all events that are built in, or none if they have not been looked up yet.
    fn known_built_in(&self) -> &[BuiltIn] {
        self.all_built_in.as_ref().map_or(&[], |all| all)
    }

    /// Returns the names of functions whose names match; no more than `most` and one.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn matching_functions(
        &self,
        most: usize,
        matches: impl FnMut(&CStr) -> bool,
    ) -> Result<KVVec<CString>> {
        self.functions.lock().matching(most, matches)
    }

    /// Returns where an event that is built in happens, or `None` if there is no such event.
    ///
    /// Sleeps. Fails with `EOPNOTSUPP` if the event is neither a tracepoint's nor a system call's, or
    /// must not be probed; and with `ENOENT` if there is no function of that name.
    pub(super) fn built_in(&self, system: &CStr, event: &CStr) -> Result<Option<Source>> {
        if system == FUNCTION {
            let found = self.functions.lock().find(event)?;
            return Ok(Some(Source::Function(found)));
        }
        let known = self.known_built_in();

        match known.binary_search_by(|one| one.name().cmp(&(system, event))) {
            Ok(index) => Ok(known.get(index).map(BuiltIn::source)),
            Err(_) => Source::of_event(system, event),
        }
    }
}

impl Subscriber<TracepointModules> for Shared {
    fn notify(&self, notice: &TracepointModuleNotice<'_>) -> Notify {
        self.change(|entries| match notice.action() {
            // SAFETY: The chain tells of each module that comes, and again before it goes or the
            // subscriber leaves the chain, which it does before this is dropped.
            TracepointModuleAction::Coming => unsafe { entries.coming(notice.module()) },
            TracepointModuleAction::Going => entries.going(notice.module()),
            TracepointModuleAction::Other(_) => {}
        });
        Notify::Ok
    }
}
