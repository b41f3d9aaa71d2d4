// SPDX-License-Identifier: GPL-2.0

//! The registration of a probe by name.

use kernel::{
    prelude::*,
    sync::Arc, //
};

use super::{
    entries::Id,
    entry::Entry,
    shared::Shared, //
};
use crate::tracepoint::grace_period::synchronize;

/// Keeps a probe on an event, or pending, until it is dropped.
///
/// Dropping it takes the probe off, and waits until its function has returned on all CPUs, before
/// the probe's data is dropped. Dropping sleeps.
///
/// A registration that is leaked keeps its probe on the event, the probe's data alive, and the
/// module that kernel_ext is part of loaded, where the code of all probes of kernel_ext is: that is
/// a leak, and no more. It is more in two cases. A module that implements
/// [`BareProbe`](crate::tracepoint::BareProbe) itself must not be unloaded after it has leaked one
/// of its own, and nothing keeps the module that kernel_ext is part of from being unloaded if it
/// leaks one (see [`Probes::of`](super::Probes::of)).
///
/// # Invariants
///
/// If `is_detached`, the probe was detached. If `has_returned`, it has returned everywhere since
/// then.
pub struct EventRegistration {
    id: Id,
    shared: Arc<Shared>,
    is_detached: bool,
    has_returned: bool,
}

impl EventRegistration {
    /// Adds a probe that is on no event yet.
    ///
    /// Sleeps. Fails with `EEXIST` if there is the same probe already, and with `ENOMEM`. The probe
    /// is dropped then, with no lock held.
    pub(super) fn pending(shared: &Arc<Shared>, entry: Entry) -> Result<Self> {
        let added = shared.change(|entries| entries.add(entry));
        // The lock is not held any more, should the probe be dropped here.
        let id = added.map_err(|(error, _probe)| error)?;

        // INVARIANT: It is not detached.
        Ok(Self {
            id,
            shared: shared.clone(),
            is_detached: false,
            has_returned: false,
        })
    }

    /// Returns the number of the probe.
    pub(super) fn id(&self) -> Id {
        self.id
    }

    /// Drops the elements of `many` that are `unwanted`, with one wait for all their registrations.
    ///
    /// Each element must have at least one registration: one without is dropped, whatever
    /// `unwanted` says. Sleeps, unless no element is unwanted.
    pub fn drop_if<T: AsMut<[Self]>>(many: &mut KVVec<T>, mut unwanted: impl FnMut(&T) -> bool) {
        let mut any = false;
        for one in many.iter_mut().filter(|one| unwanted(one)) {
            one.as_mut().iter_mut().for_each(Self::detach);
            any = true;
        }
        if !any {
            return;
        }

        synchronize();
        many.retain(|one| {
            let mut wanted = false;
            for registration in one.as_mut() {
                // INVARIANT: It was detached before the wait, as this has all of them alone.
                registration.has_returned = registration.is_detached;
                wanted |= !registration.has_returned;
            }
            wanted
        });
    }

    /// Takes the probe off, without a wait.
    fn detach(&mut self) {
        self.shared.change(|entries| entries.detach(self.id));
        // INVARIANT: It was.
        self.is_detached = true;
    }
}

impl AsMut<[Self]> for EventRegistration {
    fn as_mut(&mut self) -> &mut [Self] {
        core::slice::from_mut(self)
    }
}

impl Drop for EventRegistration {
    fn drop(&mut self) {
        if !self.has_returned {
            self.detach();
            synchronize();
        }
        // SAFETY: It was detached, and has returned since, here or in `drop_if`.
        let probe = unsafe { self.shared.remove(self.id) };
        // The lock is not held any more: the `drop` of the data may do anything.
        drop(probe);
    }
}
