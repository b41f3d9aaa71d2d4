// SPDX-License-Identifier: GPL-2.0

//! Subscribers in C, among others: see c_block.c.

use kernel::{
    bindings::{
        atomic_notifier_head,
        blocking_notifier_head, //
    },
    prelude::*, //
};
use kernel_ext::notifier::{
    Atomic,
    Backend,
    Blocking,
    Notify::{
        Bad,
        Done,
        Ok as Taken,
        Stop, //
    }, //
};

use crate::{
    blocks::{
        block,
        expect,
        subscribe_all,
        Log,
        Message,
        Outcome,
        Tested, //
    },
    Test, //
};

/// What a block in C has seen: `struct notifier_test_c_seen`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    calls: u32,
    note: u32,
    action: usize,
}

extern "C" {
    fn notifier_test_c_atomic(
        head: *mut atomic_notifier_head,
        priority: c_int,
        answer: c_int,
    ) -> c_int;
    fn notifier_test_c_atomic_done(head: *mut atomic_notifier_head) -> Seen;
    fn notifier_test_c_blocking(
        head: *mut blocking_notifier_head,
        priority: c_int,
        answer: c_int,
    ) -> c_int;
    fn notifier_test_c_blocking_done(head: *mut blocking_notifier_head) -> Seen;
}

/// A kind of chain that the C block can be put on.
trait WithC: Tested {
    /// # Safety
    ///
    /// The head must be of a chain of `Told<Self>`, and the block of this kind not in use.
    unsafe fn put(head: *mut <Self as Backend>::Head, priority: c_int, answer: c_int) -> c_int;

    /// # Safety
    ///
    /// The block of this kind must be on the chain.
    unsafe fn take(head: *mut <Self as Backend>::Head) -> Seen;
}

impl WithC for Atomic {
    unsafe fn put(head: *mut <Self as Backend>::Head, priority: c_int, answer: c_int) -> c_int {
        // SAFETY: By the function's contract.
        unsafe { notifier_test_c_atomic(head, priority, answer) }
    }

    unsafe fn take(head: *mut <Self as Backend>::Head) -> Seen {
        // SAFETY: By the function's contract.
        unsafe { notifier_test_c_atomic_done(head) }
    }
}

impl WithC for Blocking {
    unsafe fn put(head: *mut <Self as Backend>::Head, priority: c_int, answer: c_int) -> c_int {
        // SAFETY: By the function's contract.
        unsafe { notifier_test_c_blocking(head, priority, answer) }
    }

    unsafe fn take(head: *mut <Self as Backend>::Head) -> Seen {
        // SAFETY: By the function's contract.
        unsafe { notifier_test_c_blocking_done(head) }
    }
}

/// A block in C between two in Rust: it hears what they hear, and its answer counts.
fn hears<K: WithC>() -> Outcome {
    // What C answers, what that is in Rust, and who is called.
    let answers = [
        (0x0000, Taken, "ab"),
        (0x0001, Taken, "ab"),
        (0x8000, Stop, "a"),
        (0x8001, Stop, "a"),
        (0x8002, Bad(EPERM), "a"),
        (0x8011, Bad(EBUSY), "a"),
        (-22, Stop, "a"),
    ];

    for (answer, notify, order) in answers {
        let chain = K::make()?;
        let log = Log::new()?;
        let blocks = [block(b'a', 1, Taken), block(b'b', -1, Taken)];
        let _subscribed = subscribe_all(&chain, &blocks, &log)?;

        // SAFETY: The chain is of `Told<K>`, and the block was given back.
        let status = unsafe { K::put(chain.as_raw(), 0, answer) };
        expect("registering in C", status, 0)?;
        let called = chain.call(Message::UP);
        // SAFETY: The block was just put on the chain.
        let seen = unsafe { K::take(chain.as_raw()) };

        let wanted = Seen {
            calls: 1,
            note: Message::UP.note,
            action: Message::UP.action,
        };
        expect("what C saw", seen.calls, wanted.calls)?;
        expect("the action in C", seen.action, wanted.action)?;
        expect("the data in C", seen.note, wanted.note)?;
        expect("order", log.take().as_str(), order)?;
        expect("last answer", called.last(), notify)?;
        expect("calls", called.calls(), order.len())?;
    }
    Ok(())
}

/// The last answer is that of C.
fn last<K: WithC>() -> Outcome {
    for (answer, notify) in [(0x0000, Done), (0x0001, Taken), (0x0002, Bad(EPERM))] {
        let chain = K::make()?;
        let log = Log::new()?;
        let _subscribed = subscribe_all(&chain, &[block(b'a', 1, Taken)], &log)?;

        // SAFETY: The chain is of `Told<K>`, and the block was given back.
        let status = unsafe { K::put(chain.as_raw(), 0, answer) };
        expect("registering in C", status, 0)?;
        let called = chain.call(Message::UP);
        // SAFETY: The block was just put on the chain.
        unsafe { K::take(chain.as_raw()) };

        expect("last answer", called.last(), notify)?;
    }
    Ok(())
}

fn kind<K: WithC>(report: &mut dyn FnMut(Test)) {
    report((
        K::NAME,
        "a subscriber in C hears action and data, and is heard",
        hears::<K>(),
    ));
    report((K::NAME, "a subscriber in C has the last word", last::<K>()));
}

pub(crate) fn run(report: &mut dyn FnMut(Test)) {
    kind::<Atomic>(report);
    kind::<Blocking>(report);
}
