// SPDX-License-Identifier: GPL-2.0

//! Numbers: static ones, and no more dynamic ones.

use kernel::{
    bindings::{
        cpuhp_state_CPUHP_AP_PERF_POWERPC_HV_GPCI_ONLINE,
        cpuhp_state_CPUHP_PERF_SUPERH, //
    },
    prelude::*,
    sync::Arc, //
};
use kernel_ext::cpuhp::{
    Callbacks,
    MultiRegistration,
    OnlineCalls,
    PrepareNoCalls,
    StateId, //
};

use super::{
    kinds::pin,
    watch::{
        check,
        failed,
        must,
        watch_state,
        Log,
        Outcome,
        Watch, //
    }, //
};

const PREPARE: i32 = cpuhp_state_CPUHP_PERF_SUPERH;
const ONLINE: i32 = cpuhp_state_CPUHP_AP_PERF_POWERPC_HV_GPCI_ONLINE;

fn prepare_id() -> StateId<PrepareNoCalls> {
    // SAFETY: No code for x86 uses a number of SuperH's.
    unsafe { StateId::fixed::<PREPARE>(c"cpuhp_test:fixed") }
}

fn online_id() -> StateId<OnlineCalls> {
    // SAFETY: No code for x86 uses a number of PowerPC's.
    unsafe { StateId::fixed::<ONLINE>(c"cpuhp_test:fixed") }
}

pub(crate) fn fixed(log: &Arc<Log>) -> Outcome {
    let b = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:b", 'b', log));
    let d = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:d", 'd', log));
    let a = pin!(watch_state::<PrepareNoCalls>(prepare_id(), 'a', log));
    let c = pin!(watch_state::<OnlineCalls>(online_id(), 'c', log));
    log.expect("setup", "d+0 d+1 d+2 c+0 c+1 c+2")?;

    check("the number of PREPARE", a.number() == PREPARE)?;
    check("the number of ONLINE", c.number() == ONLINE)?;
    // Their numbers are lower than those of who came before.
    log.down("d-2 c-2 b-2 a-2")?;
    log.up("a+2 b+2 c+2 d+2")?;

    let again: Result<MultiRegistration<_, Watch>> = MultiRegistration::new(prepare_id());
    match again.map(|state| state.number()) {
        Err(error) if error == EBUSY => {}
        found => return Err(failed("a number that is taken", "EBUSY", fmt!("{found:?}"))),
    }
    log.down("d-2 c-2 b-2 a-2")?;
    log.up("a+2 b+2 c+2 d+2")?;

    drop((a, b, c, d));
    log.expect("removal", "c-0 c-1 c-2 d-0 d-1 d-2")?;
    must(
        "the number is free again",
        MultiRegistration::<_, Watch>::new(prepare_id()),
    )
    .map(drop)
}

/// Takes all dynamic numbers, finds that one more is refused, and gives them back.
fn exhaust<K: Callbacks<Watch>>(most: usize) -> Outcome {
    let mut states = KVec::new();
    let error = loop {
        match MultiRegistration::<K, Watch>::new(c"cpuhp_test:many") {
            Ok(state) => must("setup", states.push(state, GFP_KERNEL).map_err(Error::from))?,
            Err(error) => break error,
        }
    };

    check("the error is ENOSPC", error == ENOSPC)?;
    check("there were some", (1..=most).contains(&states.len()))?;
    let last = states.pop().map(|state| state.number());
    let next = must(
        "a number that is free again",
        MultiRegistration::<K, Watch>::new(c"cpuhp_test:one"),
    )?;
    check(
        "it is the one that was given back",
        last == Some(next.number()),
    )
}

pub(crate) fn exhaust_prepare(_log: &Arc<Log>) -> Outcome {
    exhaust::<PrepareNoCalls>(20)
}

pub(crate) fn exhaust_online(_log: &Arc<Log>) -> Outcome {
    exhaust::<OnlineCalls>(40)
}
