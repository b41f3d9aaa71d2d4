// SPDX-License-Identifier: GPL-2.0

//! Priorities that one subscriber has for itself.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::notifier::{
    self,
    Atomic,
    Blocking,
    Chain,
    Notify,
    UniquePriority, //
};

use crate::{
    blocks::{
        block,
        expect,
        subscribe,
        Log,
        Logger,
        Message,
        Outcome,
        Subscribed,
        Tested,
        Told, //
    },
    Test, //
};

fn alone<K: Tested + UniquePriority>(
    chain: &Arc<Chain<Told<K>>>,
    name: u8,
    priority: i32,
    log: &Arc<Log>,
) -> Result<Subscribed<K>> {
    let logger = Logger::new(block(name, priority, Notify::Ok), log);
    KBox::pin_init(
        notifier::Registration::with_unique_priority(chain.clone(), priority, logger),
        GFP_KERNEL,
    )
}

fn refuses<K: Tested + UniquePriority>() -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;

    let a = alone(&chain, b'a', 1, &log)?;
    let _b = alone(&chain, b'b', 2, &log)?;
    let refused = alone(&chain, b'c', 1, &log).map(|_| ());
    expect(
        "a second of the same priority",
        refused,
        Err::<(), _>(EBUSY),
    )?;
    expect("calls", chain.call(Message::UP).calls(), 2)?;
    expect("order", log.take().as_str(), "ba")?;

    drop(a);
    let _c = alone(&chain, b'c', 1, &log)?;
    expect("calls", chain.call(Message::UP).calls(), 2)?;
    expect("order when the first has left", log.take().as_str(), "bc")
}

/// Registering in the usual way does not look whether somebody wants to be alone.
fn is_no_lock<K: Tested + UniquePriority>() -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;

    let _a = alone(&chain, b'a', 1, &log)?;
    let _b = subscribe(&chain, block(b'b', 1, Notify::Ok), &log, GFP_KERNEL)?;
    expect("calls", chain.call(Message::UP).calls(), 2)?;
    expect("order", log.take().as_str(), "ab")?;

    let refused = alone(&chain, b'c', 1, &log).map(|_| ());
    expect("a third of the same priority", refused, Err::<(), _>(EBUSY))
}

fn kind<K: Tested + UniquePriority>(report: &mut dyn FnMut(Test)) {
    report((K::NAME, "a unique priority is had once", refuses::<K>()));
    report((
        K::NAME,
        "a unique priority binds those who ask for one",
        is_no_lock::<K>(),
    ));
}

pub(crate) fn run(report: &mut dyn FnMut(Test)) {
    kind::<Atomic>(report);
    kind::<Blocking>(report);
}
