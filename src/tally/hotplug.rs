// SPDX-License-Identifier: GPL-2.0

//! CPUs that come and go: a hotplug state feeds a blocking chain, to which every group subscribes.
//!
//! Kernels before 4.10 had such a chain for everyone. What replaced it, a table of states, is for
//! one owner each; the chain makes one state serve all groups.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    cpuhp::{
        DeadCpu,
        Prepare,
        PrepareState, //
    },
    cpumask::PossibleCpu,
    new_chain,
    notifier::{
        Blocking,
        Chain,
        Event,
        Subscriber,
        Subscription,
        Verdict, //
    }, //
};

use crate::record::Group;

/// The chain's event: a CPU has executed its last instruction.
struct CpuDead;

impl Event for CpuDead {
    type Kind = Blocking;
    type Data<'a> = &'a DeadCpu<'a>;

    /// The number that `CPU_DEAD` had on the old chain.
    fn action(_cpu: &&DeadCpu<'_>) -> usize {
        7
    }
}

/// The hotplug state's callbacks: they pass deaths on to the chain.
struct Feed(Arc<Chain<CpuDead>>);

impl Prepare for Feed {
    fn prepare(&self, _cpu: PossibleCpu) -> Result {
        Ok(())
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        if let Err(error) = self.0.call(cpu).to_result() {
            pr_warn!(
                "a subscriber objects to the death of CPU {}: {error:?}\n",
                cpu.id()
            );
        }
    }
}

/// A group on the chain.
struct Fold(Arc<dyn Group>);

impl Subscriber<CpuDead> for Fold {
    fn notify(&self, cpu: &&DeadCpu<'_>) -> Verdict {
        self.0.fold(cpu);
        Verdict::Ok
    }
}

/// All of it. The state goes first, so that the chain is quiet when subscribers leave.
#[pin_data]
pub(crate) struct Hotplug {
    #[pin]
    state: PrepareState<Feed>,
    subscriptions: KVec<Pin<KBox<Subscription<CpuDead, Fold>>>>,
}

impl Hotplug {
    /// Folds CPUs that die into `departed` of each of `groups` from now on.
    pub(crate) fn new<const N: usize>(groups: [Arc<dyn Group>; N]) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let chain = Arc::pin_init(new_chain!(), GFP_KERNEL)?;

            let mut subscriptions = KVec::with_capacity(N, GFP_KERNEL)?;
            for group in groups {
                let subscription = Subscription::new(chain.clone(), 0, Fold(group));
                subscriptions.push(KBox::pin_init(subscription, GFP_KERNEL)?, GFP_KERNEL)?;
            }

            Ok(try_pin_init!(Self {
                state <- PrepareState::new(c"tally:dead", Feed(chain)),
                subscriptions,
            }? Error))
        })
    }
}
