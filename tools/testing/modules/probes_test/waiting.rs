// SPDX-License-Identifier: GPL-2.0

//! Two who wait for the same event and count in the same place, which the kernel refuses to the
//! second when the event comes. /proc/probes_test_waiting shows what was counted, and what became of
//! attempts to attach while the chain tells of a module.

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    compat::EDEADLK,
    notifier::{
        self,
        Notify,
        Subscriber,
        TracepointModuleAction,
        TracepointModuleNotice,
        TracepointModules, //
    },
    percpu::{
        Slot,
        Slots, //
    },
    procfs::{
        Opener,
        SeqOperations, //
    },
    tracepoint::{
        EventName,
        EventRegistration,
        Probes, //
    }, //
};

use crate::event;

/// Tries what would wait for itself when the chain tells of a module that comes.
struct Tries {
    probes: Pin<KBox<Probes>>,
    slot: Slot,
    none: Arc<EventName>,
    refused: Arc<Atomic<u32>>,
}

impl Tries {
    fn new(slot: Slot, refused: Arc<Atomic<u32>>) -> Result<Self> {
        Ok(Self {
            probes: KBox::pin_init(Probes::new(), GFP_KERNEL)?,
            slot,
            none: event(c"probes_test", c"no_such_event")?,
            refused,
        })
    }
}

impl Subscriber<TracepointModules> for Tries {
    fn notify(&self, notice: &TracepointModuleNotice<'_>) -> Notify {
        if notice.action() != TracepointModuleAction::Coming {
            return Notify::Ok;
        }

        let (none, slot) = (&self.none, &self.slot);
        let (system, event) = none.parts();
        let results = [
            self.probes.find(system, event).err(),
            self.probes.attach(none.clone(), slot.clone()).err(),
            self.probes
                .attach_or_defer(none.clone(), slot.clone())
                .err(),
            KBox::pin_init(Probes::new(), GFP_KERNEL).err(),
        ];
        for _ in results.iter().filter(|result| **result == Some(EDEADLK)) {
            self.refused.fetch_add(1, Relaxed);
        }
        Notify::Ok
    }
}

/// Fields are dropped in this order.
pub(crate) struct Waiting {
    _tries: Pin<KBox<notifier::Registration<TracepointModules, Tries>>>,
    refused: Arc<Atomic<u32>>,
    _first: EventRegistration,
    _second: EventRegistration,
    probes: [Pin<KBox<Probes>>; 2],
    slot: Slot,
    _slots: Pin<KBox<Slots>>,
}

impl Waiting {
    pub(crate) fn new() -> Result<Self> {
        let slots = KBox::pin_init(Slots::new(), GFP_KERNEL)?;
        let slot = slots.alloc(GFP_KERNEL)?;
        let plain = event(c"event_test", c"event_test_plain")?;
        let probes = [
            KBox::pin_init(Probes::new(), GFP_KERNEL)?,
            KBox::pin_init(Probes::new(), GFP_KERNEL)?,
        ];

        let refused = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let tries = Tries::new(slot.clone(), refused.clone())?;
        let tries = notifier::Registration::new(TracepointModules, 0, tries);

        Ok(Self {
            _tries: KBox::pin_init(tries, GFP_KERNEL)?,
            refused,
            _first: probes[0].attach_or_defer(plain.clone(), slot.clone())?,
            _second: probes[1].attach_or_defer(plain, slot.clone())?,
            probes,
            slot,
            _slots: slots,
        })
    }
}

impl SeqOperations for Waiting {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _: &(), _: usize, m: &SeqFile) -> Result {
        let attached = self.probes.iter().map(|probes| probes.attached());
        let (count, attached) = (self.slot.sum_possible(), attached.sum::<usize>());
        seq_print!(m, "count {count} attached {attached}\n");
        seq_print!(m, "refused {}\n", self.refused.load(Relaxed));
        Ok(())
    }
}
