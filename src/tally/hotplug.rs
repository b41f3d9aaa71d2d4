// SPDX-License-Identifier: GPL-2.0

//! CPUs that come and go.
//!
//! The callbacks of a hotplug state call the [`chain`], and each source of records has a subscriber
//! there, which folds what a dead CPU has counted.
//!
//! The states of the hotplug core have one owner each, and there are few. By the chain one state serves
//! all sources of records, and other modules as well.

pub mod chain;

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    cpu::CpusReadGuard,
    cpuhp::{
        DeadCpu,
        Prepare,
        PrepareRegistration, //
    },
    cpumask::PossibleCpu,
    notifier::{
        self,
        Chain,
        Notify,
        Subscriber, //
    }, //
};

use crate::{
    gauges::Gauges,
    hotplug::chain::{
        CpuAction,
        CpuChain,
        CpuEvent,
        CpuHotplug,
        CHAIN,
        PRIORITY_GROUP, //
    },
    record::{
        key,
        Key,
        RecordSource, //
    }, //
};

/// Counts what the chain was called for, and is printed as the record `Hotplug`.
///
/// It is written under the hotplug lock taken for writing, and read under the lock taken for reading.
pub(crate) struct HotplugStats {
    online: Atomic<u64>,
    dead: Atomic<u64>,
    vetoed: Atomic<u64>,
    folds: Atomic<u64>,
}

impl HotplugStats {
    /// Starts at zero.
    pub(crate) fn new() -> Self {
        Self {
            online: Atomic::new(0),
            dead: Atomic::new(0),
            vetoed: Atomic::new(0),
            folds: Atomic::new(0),
        }
    }
}

impl Gauges for HotplugStats {
    fn header(&self) -> &[u8] {
        b"Hotplug\n"
    }

    fn for_each(&self, _cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static Key, u64)) {
        f(key!("online"), self.online.load(Relaxed));
        f(key!("dead"), self.dead.load(Relaxed));
        f(key!("vetoed"), self.vetoed.load(Relaxed));
        f(key!("folds"), self.folds.load(Relaxed));
        f(key!("subscribers"), CHAIN.subscribers());
    }
}

/// Adds one to a number that is written under the hotplug lock alone.
fn inc(stat: &Atomic<u64>) {
    // ORDERING: The hotplug lock excludes other writers and all readers.
    stat.store(stat.load(Relaxed).wrapping_add(1), Relaxed);
}

/// Holds what the hotplug state's callbacks need: they call the chain.
struct HotplugCallbacks {
    chain: &'static Chain<CpuHotplug>,
    stats: Arc<HotplugStats>,
    /// The CPU and the errno of the veto that was logged last; 0 once a CPU has come.
    last_logged_veto: Atomic<u64>,
}

impl HotplugCallbacks {
    /// Counts a veto, and logs it unless it was the last one logged: the hotplug core tries again
    /// after `EBUSY`, and people try again after any error.
    fn vetoed(&self, cpu: PossibleCpu, error: Error) {
        inc(&self.stats.vetoed);

        let veto = u64::from(cpu.as_u32()) << 32 | u64::from(error.to_errno().unsigned_abs());
        // ORDERING: Relaxed, as the number guards no other data.
        if self.last_logged_veto.xchg(veto, Relaxed) != veto {
            pr_warn!("a subscriber of the hotplug chain keeps CPU {cpu} down: {error:?}\n");
        }
    }
}

impl Prepare for HotplugCallbacks {
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        let called = self
            .chain
            .call_robust(CpuEvent::up_prepare(cpu), CpuEvent::up_canceled(cpu));
        let agreed = match called.last() {
            Notify::Bad(error) => Err(error),
            // The subscribers called before the one that stopped the chain were told that the CPU
            // does not come, and those after it were told nothing. So it must not come.
            Notify::Stop => Err(EPERM),
            Notify::Ok | Notify::Done => Ok(()),
        };

        match agreed {
            Ok(()) => {
                inc(&self.stats.online);
                self.last_logged_veto.store(0, Relaxed);
            }
            Err(error) => self.vetoed(cpu, error),
        }
        agreed
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        inc(&self.stats.dead);

        // What subscribers return has no effect: the CPU is gone.
        let _ = self.chain.call(CpuEvent::dead(cpu));
    }
}

/// Folds the records of one source when the chain tells of a dead CPU.
struct Fold {
    source: Arc<dyn RecordSource>,
    stats: Arc<HotplugStats>,
}

impl Subscriber<CpuChain> for Fold {
    fn notify(&self, event: &CpuEvent<'_>) -> Notify {
        let CpuAction::Dead(cpu) = event.action() else {
            return Notify::Done;
        };

        self.source.fold(cpu);
        inc(&self.stats.folds);
        Notify::Ok
    }
}

/// Keeps counters exact while CPUs come and go, until it is dropped. The state goes first, so that
/// nobody calls the chain any more when its subscribers leave.
#[pin_data]
pub(crate) struct Hotplug {
    #[pin]
    state: PrepareRegistration<HotplugCallbacks>,
    registrations: KVec<Pin<KBox<notifier::Registration<CpuChain, Fold>>>>,
}

impl Hotplug {
    /// Folds what dead CPUs have counted in the records of `sources` from now on. Sleeps.
    pub(crate) fn new<const N: usize>(
        sources: [Arc<dyn RecordSource>; N],
        stats: Arc<HotplugStats>,
    ) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let mut registrations = KVec::with_capacity(N, GFP_KERNEL)?;
            for source in sources {
                let fold = Fold {
                    source,
                    stats: stats.clone(),
                };
                let registration = notifier::Registration::new(&CHAIN, PRIORITY_GROUP, fold);
                registrations.push(KBox::pin_init(registration, GFP_KERNEL)?, GFP_KERNEL)?;
            }

            let callbacks = HotplugCallbacks {
                chain: CHAIN.get()?,
                stats,
                last_logged_veto: Atomic::new(0),
            };
            Ok(try_pin_init!(Self {
                state <- PrepareRegistration::new(c"tally:dead", callbacks),
                registrations,
            }? Error))
        })
    }
}
