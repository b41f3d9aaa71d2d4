// SPDX-License-Identifier: GPL-2.0

//! Sample: the kernel's chains of traps, sleep, reboots and panics, and two chains of one's own. A
//! logbook has an entry for what it hears, and keeps the machine awake while somebody works.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        lock::mutex::MutexBackend,
        Arc, //
    }, //
};
use kernel_ext::{
    new_chain,
    notifier::{
        self,
        Chain,
        Die,
        DieNotice,
        DieVal,
        Event,
        Notify,
        Panic,
        Pm,
        PmAction,
        Raw,
        Reboot,
        RebootNotice,
        Srcu,
        Subscriber, //
    }, //
};

module! {
    type: RustChains,
    name: "rust_chains",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: the kernel's notifier chains",
    license: "GPL",
}

/// The event of the logbook's chain: an entry, with its number.
struct Entry;

impl Event for Entry {
    // The mutex of the chain also protects the number of entries.
    type Backend = Raw<u32, MutexBackend>;
    type Data<'a> = (u32, fmt::Arguments<'a>);

    fn action(_entry: &(u32, fmt::Arguments<'_>)) -> usize {
        1
    }

    // All readers see all entries.
    fn may_stop(_entry: &(u32, fmt::Arguments<'_>)) -> bool {
        false
    }
}

/// The event of another chain: the machine is to sleep, and whoever works may object.
struct Rest;

impl Event for Rest {
    // Subscribers may sleep, and those who join or leave do not wait for a lock.
    type Backend = Srcu;
    type Data<'a> = PmAction;

    fn action(_action: &PmAction) -> usize {
        1
    }
}

/// Hears of what happens to the machine.
struct Logbook {
    entries: Arc<Chain<Entry>>,
    rest: Arc<Chain<Rest>>,
    traps: Atomic<u64>,
}

impl Logbook {
    fn enter(&self, what: fmt::Arguments<'_>) {
        let mut count = self.entries.lock();

        // The lock is held until all readers have seen the entry: so they see them in order.
        *count = count.saturating_add(1);
        let _ = count.call((*count, what));
    }
}

impl Subscriber<Pm> for Logbook {
    fn notify(&self, action: &PmAction) -> Notify {
        // Objections to the end of a sleep count for nothing.
        let answer = self.rest.call(*action).last();

        match answer {
            Notify::Bad(_) => self.enter(fmt!("{action:?}: somebody objects")),
            _ => self.enter(fmt!("{action:?}")),
        }
        answer
    }
}

impl Subscriber<Die> for Logbook {
    fn notify(&self, notice: &DieNotice<'_>) -> Notify {
        // This may be an NMI: an atomic is all that it may touch.
        if notice.val() == DieVal::Trap {
            self.traps.add(1, Relaxed);
        }
        Notify::Ok
    }
}

impl Subscriber<Reboot> for Logbook {
    fn notify(&self, notice: &RebootNotice<'_>) -> Notify {
        self.enter(fmt!("the machine stops: {:?}", notice.action()));
        Notify::Ok
    }
}

impl Subscriber<Panic> for Logbook {
    fn notify(&self, message: &&CStr) -> Notify {
        // Whoever holds the logbook's lock runs no more: this must not wait for it.
        pr_emerg!("the logbook ends: {message}\n");
        Notify::Ok
    }
}

/// Reads the logbook.
struct Reader;

impl Subscriber<Entry> for Reader {
    fn notify(&self, (number, what): &(u32, fmt::Arguments<'_>)) -> Notify {
        pr_info!("{number}: {what}\n");
        Notify::Ok
    }
}

/// Works, and does not want the machine to sleep.
struct Worker;

impl Subscriber<Rest> for Worker {
    fn notify(&self, action: &PmAction) -> Notify {
        match action {
            PmAction::SuspendPrepare | PmAction::HibernationPrepare => Notify::Bad(EBUSY),
            _ => Notify::Ok,
        }
    }
}

/// The module. Fields are dropped in this order: the logbook hears nothing more before its readers
/// go.
#[pin_data(PinnedDrop)]
struct RustChains {
    #[pin]
    sleep: notifier::Registration<Pm, Arc<Logbook>>,
    #[pin]
    traps: notifier::Registration<Die, Arc<Logbook>>,
    #[pin]
    reboots: notifier::Registration<Reboot, Arc<Logbook>>,
    #[pin]
    panics: notifier::Registration<Panic, Arc<Logbook>>,
    #[pin]
    worker: notifier::Registration<Rest, Worker>,
    #[pin]
    reader: notifier::Registration<Entry, Reader>,
    logbook: Arc<Logbook>,
}

impl kernel::InPlaceModule for RustChains {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let entries = Arc::pin_init(new_chain!(new_mutex!(0)), GFP_KERNEL)?;
            let rest = Arc::pin_init(new_chain!(), GFP_KERNEL)?;
            let logbook = Arc::new(
                Logbook {
                    entries: entries.clone(),
                    rest: rest.clone(),
                    traps: Atomic::new(0),
                },
                GFP_KERNEL,
            )?;

            Ok(try_pin_init!(Self {
                reader <- notifier::Registration::new(entries, 0, Reader),
                worker <- notifier::Registration::new(rest, 0, Worker),
                panics <- notifier::Registration::new(Panic, 0, logbook.clone()),
                reboots <- notifier::Registration::new(Reboot, 0, logbook.clone()),
                traps <- notifier::Registration::new(Die, 0, logbook.clone()),
                sleep <- notifier::Registration::new(Pm, 0, logbook.clone()),
                logbook,
            }? Error))
        })
    }
}

#[pinned_drop]
impl PinnedDrop for RustChains {
    fn drop(self: Pin<&mut Self>) {
        let traps = self.logbook.traps.load(Relaxed);

        self.logbook.enter(fmt!("{traps} traps"));
    }
}
