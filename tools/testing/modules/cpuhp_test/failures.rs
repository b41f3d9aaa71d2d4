// SPDX-License-Identifier: GPL-2.0

//! Callbacks that fail: who else is called, and what is left.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::cpuhp::{
    self,
    Instance,
    MultiRegistration,
    OnlineCalls,
    OnlineNoCalls,
    OnlineRegistration,
    PrepareCalls,
    PrepareNoCalls,
    PrepareRegistration, //
};

use super::{
    kinds::{
        multi,
        pin, //
    },
    machine::CPU,
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

pub(crate) fn online(log: &Arc<Log>) -> Outcome {
    let _a = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:a", 'a', log));
    let _b = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:b", 'b', log));
    let c = Watch::refusing('c', log, CPU, EIO);
    let c = pin!(cpuhp::Registration::<OnlineNoCalls, _>::new(
        c"cpuhp_test:c",
        c
    ));
    let _d = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:d", 'd', log));
    log.clear();

    log.down("d-2 c-2 b-2 a-2")?;
    log.up_fails(EIO, "a+2 b+2 c*2 b-2 a-2")?;
    log.up_fails(EIO, "a+2 b+2 c*2 b-2 a-2")?;
    drop(c);
    log.up("a+2 b+2 d+2")
}

pub(crate) fn prepare(log: &Arc<Log>) -> Outcome {
    let _a = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:a", 'a', log));
    let b = Watch::refusing('b', log, CPU, ENOMEM);
    let b = pin!(PrepareRegistration::new(c"cpuhp_test:b", b));
    let _c = pin!(watch_state::<PrepareNoCalls>(c"cpuhp_test:c", 'c', log));
    let _d = pin!(watch_state::<OnlineCalls>(c"cpuhp_test:d", 'd', log));
    log.clear();

    log.down("d-2 c-2 b-2 a-2")?;
    log.up_fails(ENOMEM, "a+2 b*2 a-2")?;
    drop(b);
    log.up("a+2 c+2 d+2")
}

pub(crate) fn instance(log: &Arc<Log>) -> Outcome {
    let state = multi!(OnlineNoCalls);
    let _a = pin!(Instance::add(state.clone(), Watch::new('a', log)));
    let b = Watch::refusing('b', log, CPU, ENXIO);
    let b = pin!(Instance::add(state.clone(), b));
    let _c = pin!(Instance::add(state, Watch::new('c', log)));

    log.down("c-2 b-2 a-2")?;
    log.up_fails(ENXIO, "c+2 b*2 c-2")?;
    drop(b);
    log.up("c+2 a+2")
}

pub(crate) fn instance_prepare(log: &Arc<Log>) -> Outcome {
    let state = multi!(PrepareNoCalls);
    let _a = pin!(Instance::add(state.clone(), Watch::new('a', log)));
    let b = Watch::refusing('b', log, CPU, ENXIO);
    let b = pin!(Instance::add(state.clone(), b));
    let _c = pin!(Instance::add(state, Watch::new('c', log)));

    log.down("c-2 b-2 a-2")?;
    log.up_fails(ENXIO, "c+2 b*2 c-2")?;
    drop(b);
    log.up("c+2 a+2")
}

/// What must not work, and with which error.
fn refused<T>(result: Result<T>, error: Error) -> Outcome {
    match result {
        Err(found) if found == error => Ok(()),
        Err(found) => Err(failed("setup", "another error", fmt!("{found:?}"))),
        Ok(_) => Err(failed("setup", "an error", fmt!("Ok"))),
    }
}

pub(crate) fn setup(log: &Arc<Log>) -> Outcome {
    let free = multi!(OnlineCalls).number();
    let a = Watch::refusing('a', log, 1, ENXIO);
    refused(
        KBox::pin_init(OnlineRegistration::new(c"cpuhp_test:a", a), GFP_KERNEL),
        ENXIO,
    )?;
    log.expect("setup", "a+0 a*1 a-0")?;
    check(
        "no ONLINE state is left",
        multi!(OnlineCalls).number() == free,
    )?;

    let free = multi!(PrepareCalls).number();
    let a = cpuhp::Registration::<PrepareCalls, _>::new(
        c"cpuhp_test:a",
        Watch::refusing('a', log, 1, ENXIO),
    );
    refused(KBox::pin_init(a, GFP_KERNEL), ENXIO)?;
    // CPU 0 runs on.
    log.expect("setup", "a+0 a*1 a~0")?;
    check(
        "no PREPARE state is left",
        multi!(PrepareCalls).number() == free,
    )?;

    log.down("")?;
    log.up("")
}

pub(crate) fn add(log: &Arc<Log>) -> Outcome {
    let state = multi!(OnlineCalls);
    let a = pin!(Instance::add(state.clone(), Watch::new('a', log)));
    log.clear();

    let b = Watch::refusing('b', log, 1, ENXIO);
    refused(KBox::pin_init(Instance::add(state, b), GFP_KERNEL), ENXIO)?;
    log.expect("b is added", "b+0 b*1 b-0")?;
    log.down("a-2")?;
    log.up("a+2")?;
    drop(a);
    log.expect("a is removed", "a-0 a-1 a-2")
}
