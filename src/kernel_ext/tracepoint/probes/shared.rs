// SPDX-License-Identifier: GPL-2.0

//! The state that all registrations of one `Probes` share.
//!
//! Modules that come and go change it too: it is the subscriber to their chain.

use kernel::{
    prelude::*,
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
        Brings,
        Entries,
        Id, //
    },
    entry::Entry, //
};
use crate::{
    compat::EOPNOTSUPP,
    module::{
        for_each_live,
        ModuleRef, //
    },
    notifier::{
        for_each_tracepoint_module,
        ModuleAction,
        ModuleNotice,
        ModuleState,
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
            Functions,
            KnownFunctions,
            Names,
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

    /// Attaches a probe, if modules that are there have the event of its name.
    pub(super) fn attach_to_module(&self, id: Id, brings: Brings) -> Result {
        let mut result = Ok(());
        let mut attach = |entries: &mut Entries, module: ModuleRef<'_>| {
            if result.is_ok() {
                // SAFETY: The module is on the list that the chain tells of. It leaves the list
                // after the chain has told the subscriber that it goes, or that the subscriber
                // does.
                result = unsafe { entries.attach_to_module(id, module) };
            }
            // Another module, or the kernel, has a function of that name that can be traced.
            if brings == Brings::Functions && result == Err(EOPNOTSUPP) {
                result = Ok(());
            }
        };

        match brings {
            Brings::Events => {
                for_each_tracepoint_module(|module| self.change(|entries| attach(entries, module)))?
            }
            Brings::Functions => self.for_each_live_module(attach),
        }
        result
    }

    /// Calls `f` with each module that is loaded, under the lock of the probes.
    ///
    /// Sleeps. `f` must not drop a probe: see [`Entries`].
    fn for_each_live_module(&self, mut f: impl FnMut(&mut Entries, ModuleRef<'_>)) {
        self.change(|entries| {
            // SAFETY: The lock of the probes is held, which `notify` takes when a module goes. This is
            // called through a `Probes`, which keeps the subscriber on the chain.
            unsafe { for_each_live(|module| f(entries, module)) };
        });
    }

    /// Checks that a module that is loaded has functions of a name.
    ///
    /// The kernel has none: that was looked up. Sleeps. Fails as [`Functions::of_module`] does.
    pub(super) fn find_function_in_modules(&self, name: &CStr) -> Result {
        let mut found = Err(ENOENT);

        self.for_each_live_module(|_, module| {
            if found.is_err() {
                let of_module = Functions::of_module(module, name).map(drop);
                if of_module != Err(ENOENT) {
                    found = of_module;
                }
            }
        });
        found?;
        self.functions.lock().keep_absent(name)
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

    /// Returns the names of functions whose names match, of the kernel and of modules that are loaded; no
    /// more than `most` and one.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn matching_functions(
        &self,
        most: usize,
        mut matches: impl FnMut(&CStr) -> bool,
    ) -> Result<Names> {
        let mut names = self.functions.lock().matching(most, &mut matches)?;
        if names.is_full() {
            return Ok(names);
        }

        let mut result = Ok(());
        self.for_each_live_module(|_, module| {
            if result.is_ok() {
                result = names.add_of_module(module, &mut matches);
            }
        });
        result?;
        // So that the kernel's symbols need not be looked through for each of them.
        let mut functions = self.functions.lock();
        names.try_for_each(|name| functions.keep_absent(name))?;
        Ok(names)
    }

    /// Returns where an event that is built in happens, or `None` if there is no such event.
    ///
    /// Sleeps. Fails with `EOPNOTSUPP` if the event is neither a tracepoint's nor a system call's, or
    /// must not be probed.
    pub(super) fn built_in(&self, system: &CStr, event: &CStr) -> Result<Option<Source>> {
        if system == FUNCTION {
            return match self.functions.lock().find(event) {
                Err(error) if error == ENOENT => Ok(None),
                found => Ok(Some(Source::Function(found?))),
            };
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
            TracepointModuleAction::Coming => unsafe {
                entries.coming(notice.module(), Brings::Events)
            },
            TracepointModuleAction::Going => entries.going(notice.module()),
            TracepointModuleAction::Other(_) => {}
        });
        Notify::Ok
    }
}

impl Subscriber<ModuleState> for Shared {
    /// Has functions counted that come with a module.
    ///
    /// The kernel has prepared the module's functions for being traced before it tells that the module
    /// is coming (`ftrace_module_enable()`), and forgets them after it has told that it is going
    /// (`ftrace_release_mod()`). A write while the module's init function runs does not find the module,
    /// so it is looked at again when it is live.
    fn notify(&self, notice: &ModuleNotice<'_>) -> Notify {
        let module = notice.module();

        module.find_list();
        self.change(|entries| match notice.action() {
            // SAFETY: The chain tells of each module that comes again before it goes. When the
            // subscriber leaves the chain before, `close` is called first.
            ModuleAction::Coming => unsafe { entries.coming(module, Brings::Functions) },
            // SAFETY: As above.
            ModuleAction::Live => unsafe { entries.live(module) },
            ModuleAction::Going => entries.going(module),
            ModuleAction::Other(_) => {}
        });
        Notify::Ok
    }
}
