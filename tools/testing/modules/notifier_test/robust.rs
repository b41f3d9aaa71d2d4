// SPDX-License-Identifier: GPL-2.0

//! Robust calls: who is told that it does not happen after all.

use kernel::prelude::*;
use kernel_ext::notifier::{
    Blocking,
    Notify::{
        self,
        Bad,
        Done,
        Ok as Taken,
        Stop, //
    },
    Robust, //
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

/// Blocks in the order in which they subscribe, and what a robust call of theirs is: in capitals
/// who is called for the roll-back.
struct Case {
    description: &'static str,
    blocks: &'static [Block],
    order: &'static str,
    last: Notify,
}

/// A block that answers `down` in a roll-back.
const fn answers(name: u8, priority: i32, down: Notify) -> Block {
    Block {
        name,
        priority,
        up: Taken,
        down,
    }
}

const CASES: &[Case] = &[
    Case {
        description: "nobody is rolled back on an empty chain",
        blocks: &[],
        order: "",
        last: Done,
    },
    Case {
        description: "nobody is rolled back if nobody stops",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 0, Taken),
            block(b'c', 0, Done),
        ],
        order: "abc",
        last: Done,
    },
    Case {
        description: "who was called before an objection is rolled back",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 0, Taken),
            block(b'c', 0, Bad(ENOSPC)),
            block(b'd', 0, Taken),
        ],
        order: "abcAB",
        last: Bad(ENOSPC),
    },
    Case {
        description: "the roll-back goes by priority, in the same order",
        blocks: &[
            block(b'a', 0, Bad(EBUSY)),
            block(b'b', 1, Taken),
            block(b'c', 2, Taken),
            block(b'd', -1, Taken),
        ],
        order: "cbaCB",
        last: Bad(EBUSY),
    },
    Case {
        description: "nobody is rolled back if the first objects",
        blocks: &[block(b'a', 0, Bad(EIO)), block(b'b', 0, Taken)],
        order: "a",
        last: Bad(EIO),
    },
    Case {
        description: "Stop rolls back too",
        blocks: &[
            block(b'a', 0, Taken),
            block(b'b', 0, Stop),
            block(b'c', 0, Taken),
        ],
        order: "abA",
        last: Stop,
    },
    Case {
        description: "the answer is that of the first round",
        blocks: &[
            answers(b'a', 0, Done),
            answers(b'b', 0, Taken),
            block(b'c', 0, Bad(EPERM)),
        ],
        order: "abcAB",
        last: Bad(EPERM),
    },
    Case {
        description: "Stop ends a roll-back",
        blocks: &[
            answers(b'a', 0, Stop),
            answers(b'b', 0, Taken),
            block(b'c', 0, Bad(EPERM)),
        ],
        order: "abcA",
        last: Bad(EPERM),
    },
];

fn case<K: Tested + Robust>(case: &Case) -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;
    let _subscribed = subscribe_all(&chain, case.blocks, &log)?;

    let called = chain.call_robust(Message::UP, Message::DOWN);
    let rolled_back = case.order.bytes().filter(u8::is_ascii_uppercase).count();
    expect("order", log.take().as_str(), case.order)?;
    expect("last answer", called.last(), case.last)?;
    expect(
        "calls",
        called.calls(),
        case.order.len().saturating_sub(rolled_back),
    )?;
    expect("rolled back", called.rolled_back(), rolled_back)
}

/// A raw chain is called by who has its lock already, and changed what that protects.
macro_rules! locked {
    ($name:ident, $kind:ty) => {
        fn $name() -> Outcome {
            let chain = <$kind>::make()?;
            let log = Log::new()?;
            let blocks = [block(b'a', 0, Taken), block(b'b', 0, Bad(EBUSY))];
            let subscribed = subscribe_all(&chain, &blocks, &log)?;

            let mut locked = chain.lock();
            *locked = 5;
            let called = locked.call(Message::UP);
            expect("order", log.take().as_str(), "ab")?;
            expect("result", called.to_result(), Err::<(), _>(EBUSY))?;
            expect("calls", called.calls(), 2)?;

            let called = locked.call_robust(Message::UP, Message::DOWN);
            expect("order", log.take().as_str(), "abA")?;
            expect("rolled back", called.rolled_back(), 1)?;
            drop(locked);

            expect("what the lock protects", *chain.lock(), 5)?;
            drop(subscribed);
            Ok(())
        }
    };
}

locked!(locked_mutex, RawMutex);
locked!(locked_spinlock, RawSpinLock);

fn kind<K: Tested + Robust>(report: &mut dyn FnMut(Test)) {
    for tested in CASES {
        report((K::NAME, tested.description, case::<K>(tested)));
    }
}

pub(crate) fn run(report: &mut dyn FnMut(Test)) {
    kind::<Blocking>(report);
    kind::<RawMutex>(report);
    kind::<RawSpinLock>(report);

    let description = "who has the lock calls, both ways";
    report((RawMutex::NAME, description, locked_mutex()));
    report((RawSpinLock::NAME, description, locked_spinlock()));
}
