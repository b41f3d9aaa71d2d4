// SPDX-License-Identifier: GPL-2.0

//! Each kind of state: calls on setup, when a CPU goes down and comes up, and on removal.

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_trylock,
    cpuhp::{
        self,
        Instance,
        MultiRegistration,
        Online,
        OnlineCalls,
        OnlineCpu,
        OnlineNoCalls,
        PrepareCalls,
        PrepareNoCalls, //
    },
    cpumask, //
};

use super::{
    machine,
    watch::{
        check,
        must,
        watch_state,
        Log,
        Outcome,
        Watch, //
    }, //
};

/// Puts something where it stays, or fails.
macro_rules! pin {
    ($init:expr) => {
        must("setup", KBox::pin_init($init, GFP_KERNEL))?
    };
}
pub(super) use pin;

/// A state without instances, in an `Arc`.
macro_rules! multi {
    ($kind:ty) => {{
        let state: MultiRegistration<$kind, Watch> =
            must("setup", MultiRegistration::new(c"cpuhp_test:multi"))?;
        must("setup", Arc::new(state, GFP_KERNEL).map_err(Error::from))?
    }};
}
pub(super) use multi;

pub(crate) fn prepare(log: &Arc<Log>) -> Outcome {
    let state = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:a", 'a', log));
    log.expect("setup", "")?;
    log.down("a-2")?;
    log.up("a+2")?;
    drop(state);
    log.expect("removal", "")?;
    log.down("")?;
    log.up("")
}

pub(crate) fn prepare_calls(log: &Arc<Log>) -> Outcome {
    let state = watch_state::<PrepareCalls>(c"cpuhp_test:a", 'a', log);
    let state = pin!(state);
    log.expect("setup", "a+0 a+1 a+2")?;
    log.down("a-2")?;
    log.up("a+2")?;
    drop(state);
    log.expect("removal", "a~0 a~1 a~2")?;
    log.down("")?;
    log.up("")
}

pub(crate) fn prepare_calls_down(log: &Arc<Log>) -> Outcome {
    log.down("")?;
    let state = watch_state::<PrepareCalls>(c"cpuhp_test:a", 'a', log);
    let state = pin!(state);
    log.expect("setup", "a+0 a+1")?;
    drop(state);
    log.expect("removal", "a~0 a~1")?;
    log.up("")
}

pub(crate) fn online(log: &Arc<Log>) -> Outcome {
    let state = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:a", 'a', log));
    log.expect("setup", "a+0 a+1 a+2")?;
    log.down("a-2")?;
    log.up("a+2")?;
    drop(state);
    log.expect("removal", "a-0 a-1 a-2")?;
    log.down("")?;
    log.up("")
}

pub(crate) fn online_nocalls(log: &Arc<Log>) -> Outcome {
    let state = watch_state::<OnlineNoCalls>(c"cpuhp_test:a", 'a', log);
    let state = pin!(state);
    log.expect("setup", "")?;
    log.down("a-2")?;
    log.up("a+2")?;
    drop(state);
    log.expect("removal", "")
}

pub(crate) fn instances(log: &Arc<Log>) -> Outcome {
    let state = multi!(OnlineCalls);
    let number = state.number();
    log.expect("setup", "")?;

    let a = pin!(Instance::add(state.clone(), Watch::new('a', log)));
    log.expect("a is added", "a+0 a+1 a+2")?;
    let b = pin!(Instance::add(state, Watch::new('b', log)));
    log.expect("b is added", "b+0 b+1 b+2")?;

    // What was added last comes first, both ways.
    log.down("b-2 a-2")?;
    log.up("b+2 a+2")?;
    drop(a);
    log.expect("a is removed", "a-0 a-1 a-2")?;
    log.down("b-2")?;
    log.up("b+2")?;
    drop(b);
    log.expect("b is removed", "b-0 b-1 b-2")?;

    // With the last instance went the state.
    let other = multi!(OnlineCalls);
    check("the number is free again", other.number() == number)
}

pub(crate) fn instances_prepare(log: &Arc<Log>) -> Outcome {
    let state = multi!(PrepareNoCalls);
    let _a = pin!(Instance::add(state.clone(), Watch::new('a', log)));
    let _b = pin!(Instance::add(state, Watch::new('b', log)));
    log.down("b-2 a-2")?;
    log.up("b+2 a+2")
}

pub(crate) fn order(log: &Arc<Log>) -> Outcome {
    let d = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:d", 'd', log));
    let a = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:a", 'a', log));
    let b = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:b", 'b', log));
    let e = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:e", 'e', log));
    log.expect("setup", "d+0 d+1 d+2 e+0 e+1 e+2")?;

    let numbers = [a.number(), b.number(), d.number(), e.number()];
    check("numbers rise", numbers.is_sorted())?;
    log.down("e-2 d-2 b-2 a-2")?;
    log.up("a+2 b+2 d+2 e+2")
}

/// Callbacks that find out who holds the lock.
struct Held(Arc<Mutex<(u32, u32)>>);

impl Online for Held {
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        let mut seen = self.0.lock();
        // While a CPU comes up nobody gets the lock.
        seen.0 = seen.0.saturating_add(cpus_read_trylock().is_none().into());
        seen.1 = seen
            .1
            .saturating_add(cpu.cpus().online().map(|_| 1_u32).sum());
        Ok(())
    }
}

pub(crate) fn held(log: &Arc<Log>) -> Outcome {
    let seen = must("setup", Arc::pin_init(new_mutex!((0, 0)), GFP_KERNEL))?;
    let _state = pin!(cpuhp::Registration::<OnlineNoCalls, _>::new(
        c"cpuhp_test:a",
        Held(seen.clone())
    ));

    log.down("")?;
    check("it was not called", *seen.lock() == (0, 0))?;
    log.up("")?;
    check(
        "it had the lock",
        *seen.lock() == (1, cpumask::online().weight()),
    )?;
    let guard = cpus_read_trylock();
    check("nobody has the lock now", guard.is_some())?;
    drop(guard);
    machine::down().and_then(|()| machine::up()).map_or_else(
        |error| Err(super::watch::failed("down and up", "Ok", fmt!("{error:?}"))),
        Ok,
    )
}
