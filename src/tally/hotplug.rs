// SPDX-License-Identifier: GPL-2.0

//! CPUs that come and go: a hotplug state feeds the [`chain`], to which every group subscribes.
//!
//! The hotplug core's states are for one owner each, and few. The chain makes one state serve all
//! groups, and whoever else wants to hear.

pub mod chain;

use kernel::{
    fmt,
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
        PrepareState, //
    },
    cpumask::PossibleCpu,
    notifier::{
        Chain,
        Subscriber,
        Subscription,
        Verdict, //
    }, //
};

use crate::{
    gauges::Facts,
    hotplug::chain::{
        CpuAction,
        CpuChain,
        CpuEvent,
        CpuHotplug,
        CHAIN,
        PRIORITY_GROUP, //
    },
    record::Group, //
};

/// What the chain was called for, for the `Hotplug` block.
///
/// All of it is written under the hotplug lock, which readers exclude.
pub(crate) struct Calls {
    online: Atomic<u64>,
    dead: Atomic<u64>,
    vetoed: Atomic<u64>,
    folds: Atomic<u64>,
}

impl Calls {
    /// None so far.
    pub(crate) fn new() -> Self {
        Self {
            online: Atomic::new(0),
            dead: Atomic::new(0),
            vetoed: Atomic::new(0),
            folds: Atomic::new(0),
        }
    }
}

impl Facts for Calls {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hotplug")
    }

    fn keys(&self, _cpus: &CpusReadGuard, to: &mut dyn FnMut(&'static str, u64)) {
        to("online", self.online.load(Relaxed));
        to("dead", self.dead.load(Relaxed));
        to("vetoed", self.vetoed.load(Relaxed));
        to("folds", self.folds.load(Relaxed));
        to("subscribers", CHAIN.subscribers());
    }
}

/// Adds one. Writers exclude each other by the hotplug lock.
fn inc(calls: &Atomic<u64>) {
    calls.store(calls.load(Relaxed).wrapping_add(1), Relaxed);
}

/// The hotplug state's callbacks: they pass on to the chain what they hear.
struct Feed {
    chain: &'static Chain<CpuHotplug>,
    calls: Arc<Calls>,
    /// The veto that the log was last told of, by CPU and errno; 0 once a CPU comes.
    told: Atomic<u64>,
}

impl Feed {
    /// Counts a veto, and tells the log of it. The hotplug core tries again after `EBUSY`, and
    /// people do after anything: the log is told once.
    fn vetoed(&self, cpu: PossibleCpu, error: Error) {
        inc(&self.calls.vetoed);

        let veto = u64::from(cpu.as_u32()) << 32 | u64::from(error.to_errno().unsigned_abs());
        if self.told.xchg(veto, Relaxed) != veto {
            pr_warn!("a subscriber of the hotplug chain keeps CPU {cpu} down: {error:?}\n");
        }
    }
}

impl Prepare for Feed {
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        let called = self
            .chain
            .call_robust(CpuEvent::up_prepare(cpu), CpuEvent::up_canceled(cpu));
        let agreed = match called.verdict() {
            Verdict::Bad(error) => Err(error),
            // Those before it were told that the CPU does not come, those behind it nothing at
            // all, so it must not come.
            Verdict::Stop => Err(EPERM),
            Verdict::Ok | Verdict::Done => Ok(()),
        };

        match agreed {
            Ok(()) => {
                inc(&self.calls.online);
                self.told.store(0, Relaxed);
            }
            Err(error) => self.vetoed(cpu, error),
        }
        agreed
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        inc(&self.calls.dead);

        // What subscribers answer is of no use: the CPU is gone.
        let _ = self.chain.call(CpuEvent::dead(cpu));
    }
}

/// A group on the chain.
struct Fold {
    group: Arc<dyn Group>,
    calls: Arc<Calls>,
}

impl Subscriber<CpuChain> for Fold {
    fn notify(&self, event: &CpuEvent<'_>) -> Verdict {
        let CpuAction::Dead(cpu) = event.action() else {
            return Verdict::Done;
        };

        self.group.fold(cpu);
        inc(&self.calls.folds);
        Verdict::Ok
    }
}

/// All of it. The state goes first, so that the chain is quiet when subscribers leave.
#[pin_data]
pub(crate) struct Hotplug {
    #[pin]
    state: PrepareState<Feed>,
    subscriptions: KVec<Pin<KBox<Subscription<CpuChain, Fold>>>>,
}

impl Hotplug {
    /// Folds CPUs that die into `departed` of each of `groups` from now on.
    pub(crate) fn new<const N: usize>(
        groups: [Arc<dyn Group>; N],
        calls: Arc<Calls>,
    ) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let mut subscriptions = KVec::with_capacity(N, GFP_KERNEL)?;
            for group in groups {
                let fold = Fold {
                    group,
                    calls: calls.clone(),
                };
                let subscription = Subscription::new(&CHAIN, PRIORITY_GROUP, fold);
                subscriptions.push(KBox::pin_init(subscription, GFP_KERNEL)?, GFP_KERNEL)?;
            }

            let feed = Feed {
                chain: CHAIN.get()?,
                calls,
                told: Atomic::new(0),
            };
            Ok(try_pin_init!(Self {
                state <- PrepareState::new(c"tally:dead", feed),
                subscriptions,
            }? Error))
        })
    }
}
