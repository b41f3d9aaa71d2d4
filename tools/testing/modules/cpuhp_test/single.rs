// SPDX-License-Identifier: GPL-2.0

//! States with one instance, whose callbacks are a static and count in per-CPU variables.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpuhp::{
        Global,
        GlobalRegistration,
        Online,
        OnlineCalls,
        OnlineCpu,
        OnlineNoCalls, //
    },
    cpumask,
    define_per_cpu, //
};

use super::watch::{
    check,
    must,
    Log,
    Outcome, //
};

define_per_cpu! {
    static STARTUPS: u32 = 0;
    static TEARDOWNS: u32 = 0;
}

struct Count;

impl Online for Count {
    fn online(&self, _cpu: &OnlineCpu<'_>) -> Result {
        STARTUPS.inc();
        Ok(())
    }

    fn offline(&self, _cpu: &OnlineCpu<'_>) {
        TEARDOWNS.inc();
    }
}

impl Global for Count {
    fn global() -> &'static Self {
        &Count
    }
}

/// Compares the counts of CPUs 0, 1 and 2 with what they were plus `startups` and `teardowns`.
struct Counts([(u32, u32); 3]);

impl Counts {
    fn now() -> Self {
        let mut counts = [(0, 0); 3];
        for (count, cpu) in counts.iter_mut().zip(cpumask::possible().iter()) {
            *count = (STARTUPS.read_remote(cpu), TEARDOWNS.read_remote(cpu));
        }
        Self(counts)
    }

    /// Fails unless each CPU had so many startups and teardowns since the last time.
    fn expect(&mut self, step: &'static str, wanted: [(u32, u32); 3]) -> Outcome {
        let now = Self::now();
        let mut since = now.0;
        for (count, before) in since.iter_mut().zip(self.0) {
            *count = (
                count.0.wrapping_sub(before.0),
                count.1.wrapping_sub(before.1),
            );
        }
        *self = now;
        check(step, since == wanted)
    }
}

pub(crate) fn calls(log: &Arc<Log>) -> Outcome {
    let mut counts = Counts::now();
    let state = GlobalRegistration::<OnlineCalls, Count>::new(c"cpuhp_test:single");
    let state = must("setup", state)?;
    counts.expect("setup", [(1, 0); 3])?;
    log.down("")?;
    counts.expect("down", [(0, 0), (0, 0), (0, 1)])?;
    log.up("")?;
    counts.expect("up", [(0, 0), (0, 0), (1, 0)])?;
    drop(state);
    counts.expect("removal", [(0, 1); 3])
}

pub(crate) fn cpuslocked(log: &Arc<Log>) -> Outcome {
    let mut counts = Counts::now();
    let cpus = cpus_read_lock();
    let state =
        GlobalRegistration::<OnlineCalls, Count>::new_cpuslocked(c"cpuhp_test:single", &cpus);
    let state = must("setup", state)?;
    counts.expect("setup", [(1, 0); 3])?;
    drop(cpus);

    log.down("")?;
    counts.expect("down", [(0, 0), (0, 0), (0, 1)])?;
    log.up("")?;
    counts.expect("up", [(0, 0), (0, 0), (1, 0)])?;

    state.remove_cpuslocked(&cpus_read_lock());
    counts.expect("removal", [(0, 1); 3])
}

pub(crate) fn nocalls(log: &Arc<Log>) -> Outcome {
    let mut counts = Counts::now();
    let state = GlobalRegistration::<OnlineNoCalls, Count>::new(c"cpuhp_test:single");
    let state = must("setup", state)?;
    counts.expect("setup", [(0, 0); 3])?;
    log.down("")?;
    counts.expect("down", [(0, 0), (0, 0), (0, 1)])?;
    log.up("")?;
    counts.expect("up", [(0, 0), (0, 0), (1, 0)])?;
    drop(state);
    counts.expect("removal", [(0, 0); 3])
}
