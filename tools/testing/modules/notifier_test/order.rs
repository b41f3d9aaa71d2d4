// SPDX-License-Identifier: GPL-2.0

//! Who is called in which order, and what comes of it: the same for all kinds.

use kernel::prelude::*;
use kernel_ext::notifier::{
    Atomic,
    Blocking,
    Notify::{
        self,
        Bad,
        Done,
        Ok as Taken,
        Stop, //
    },
    Srcu, //
};

use crate::{
    blocks::{
        block,
        expect,
        subscribe_all,
        Block,
        Log,
        Message,
        Outcome,
        RawMutex,
        RawSpinLock,
        Tested, //
    },
    Test, //
};

/// Blocks in the order in which they subscribe, and what a call of theirs is.
struct Case {
    description: &'static str,
    blocks: &'static [Block],
    order: &'static str,
    last: Notify,
}

const CASES: &[Case] = &[
    Case {
        description: "a chain without subscribers calls nobody",
        blocks: &[],
        order: "",
        last: Done,
    },
    Case {
        description: "equals are called in the order in which they came",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 0, Taken),
            block(b'c', 0, Taken),
        ],
        order: "abc",
        last: Taken,
    },
    Case {
        description: "higher priorities are called first",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 1, Taken),
            block(b'c', 2, Taken),
        ],
        order: "cba",
        last: Taken,
    },
    Case {
        description: "priorities are signed",
        blocks: &[
            block(b'a', i32::MIN, Taken),
            block(b'b', i32::MAX, Taken),
            block(b'c', -1, Taken),
            block(b'd', 0, Taken),
        ],
        order: "bdca",
        last: Taken,
    },
    Case {
        description: "equals keep their order among others",
        blocks: &[
            block(b'a', 1, Taken),
            block(b'b', 0, Taken),
            block(b'c', 1, Taken),
            block(b'd', 0, Taken),
            block(b'e', 1, Taken),
        ],
        order: "acebd",
        last: Taken,
    },
    Case {
        description: "the last answer counts, if it is Done",
        blocks: &[block(b'a', 0, Taken), block(b'b', 0, Done)],
        order: "ab",
        last: Done,
    },
    Case {
        description: "the last answer counts, if it is Ok",
        blocks: &[block(b'a', 0, Done), block(b'b', 0, Taken)],
        order: "ab",
        last: Taken,
    },
    Case {
        description: "nobody is called after Stop",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 1, Stop),
            block(b'c', 2, Taken),
        ],
        order: "cb",
        last: Stop,
    },
    Case {
        description: "nobody is called after Bad, and its error comes back",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 0, Bad(EBUSY)),
            block(b'c', 0, Stop),
        ],
        order: "ab",
        last: Bad(EBUSY),
    },
    Case {
        description: "the first to object is the one whose error counts",
        blocks: &[block(b'a', 1, Bad(EPERM)), block(b'b', 2, Bad(ERESTARTSYS))],
        order: "b",
        last: Bad(ERESTARTSYS),
    },
];

/// Subscribes a case's blocks, calls, and takes them off again.
fn case<K: Tested>(case: &Case) -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;
    let subscribed = subscribe_all(&chain, case.blocks, &log)?;

    for _ in 0..2 {
        let called = chain.call(Message::UP);
        expect("order", log.take().as_str(), case.order)?;
        expect("last answer", called.last(), case.last)?;
        expect("calls", called.calls(), case.order.len())?;
        expect("rolled back", called.rolled_back(), 0)?;

        let error = match case.last {
            Bad(error) => Err(error),
            Done | Taken | Stop => Ok(()),
        };
        expect("result", called.to_result(), error)?;
    }

    drop(subscribed);
    expect(
        "calls after all have left",
        chain.call(Message::UP).calls(),
        0,
    )?;
    expect("order after all have left", log.take().as_str(), "")
}

/// One leaves after another: the first, one from the middle, the last.
fn leaving<K: Tested>() -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;
    let blocks = [b'a', b'b', b'c', b'd'].map(|name| block(name, 0, Taken));
    let mut subscribed = subscribe_all(&chain, &blocks, &log)?;

    for (index, order) in [(0, "bcd"), (1, "bd"), (1, "b"), (0, "")] {
        drop(subscribed.remove(index).map_err(|_| EINVAL)?);
        let called = chain.call(Message::UP);
        expect("order", log.take().as_str(), order)?;
        expect("calls", called.calls(), order.len())?;
    }
    Ok(())
}

/// A registration keeps the chain when its owner lets go.
fn outlives<K: Tested>() -> Outcome {
    let log = Log::new()?;
    for _ in 0..16 {
        let chain = K::make()?;
        let subscribed = subscribe_all(&chain, &[block(b'a', 0, Taken)], &log)?;
        expect("calls", chain.call(Message::UP).calls(), 1)?;
        drop(chain);
        drop(subscribed);
    }
    Ok(())
}

fn kind<K: Tested>(report: &mut dyn FnMut(Test)) {
    for tested in CASES {
        report((K::NAME, tested.description, case::<K>(tested)));
    }
    report((
        K::NAME,
        "who left is not called, and the others stay",
        leaving::<K>(),
    ));
    report((K::NAME, "a registration keeps its chain", outlives::<K>()));
}

pub(crate) fn run(report: &mut dyn FnMut(Test)) {
    kind::<Atomic>(report);
    kind::<Blocking>(report);
    kind::<Srcu>(report);
    kind::<RawMutex>(report);
    kind::<RawSpinLock>(report);
}
