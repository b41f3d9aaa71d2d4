// SPDX-License-Identifier: GPL-2.0

//! Subscribing and unsubscribing while the chain is being called.

use core::marker::PhantomData;

use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic as AtomicValue,
            Release, //
        },
        Arc,
        SpinLock, //
    },
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    },
    workqueue, //
};
use kernel_ext::notifier::{
    self,
    Atomic,
    Backend,
    Blocking,
    Notify,
    Srcu,
    Subscriber, //
};

use crate::{
    blocks::{
        block,
        expect,
        subscribe,
        Log,
        Message,
        Outcome,
        RawMutex,
        Subscribed,
        Tested,
        Told, //
    },
    Test, //
};

/// Waits until `done`, without sleeping; gives up at last, so that the test fails.
fn spin_until(mut done: impl FnMut() -> bool) {
    let start = Instant::<Monotonic>::now();
    while !done() && start.elapsed() < Delta::from_secs(60) {
        core::hint::spin_loop();
    }
}

/// A subscriber that does `first` when it is called, once.
#[pin_data]
struct Once<K, F> {
    log: Arc<Log>,
    #[pin]
    first: SpinLock<Option<F>>,
    _kind: PhantomData<fn(K)>,
}

impl<K: Backend, F: FnOnce() + Send + Unpin + 'static> Once<K, F> {
    fn new(log: &Arc<Log>, first: F) -> impl PinInit<Self> {
        let log = log.clone();
        pin_init!(Self {
            log,
            first <- new_spinlock!(Some(first)),
            _kind: PhantomData,
        })
    }
}

impl<K: Backend, F: FnOnce() + Send + Unpin + 'static> Subscriber<Told<K>> for Once<K, F> {
    fn notify(&self, message: &Message) -> Notify {
        if message.action == Message::UP.action {
            self.log.push(b'a');
            let first = self.first.lock().take();
            if let Some(first) = first {
                first();
            }
        }
        Notify::Ok
    }
}

/// Where a registration waits to be dropped by somebody else.
#[pin_data]
struct Slot<K: Backend> {
    #[pin]
    subscribed: SpinLock<Option<Subscribed<K>>>,
    leaving: AtomicValue<u32>,
    left: AtomicValue<u32>,
}

impl<K: Backend> Slot<K> {
    fn new(subscribed: Option<Subscribed<K>>) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                subscribed <- new_spinlock!(subscribed),
                leaving: AtomicValue::new(0),
                left: AtomicValue::new(0),
            }),
            GFP_KERNEL,
        )
    }

    /// Drops the registration.
    fn clear(&self) {
        self.leaving.store(1, Release);
        let subscribed = self.subscribed.lock().take();
        drop(subscribed);
        self.left.store(1, Release);
    }

    /// Lets another task do so.
    fn clear_elsewhere(self: &Arc<Self>, flags: kernel::alloc::Flags) {
        let slot = self.clone();
        if workqueue::system()
            .try_spawn(flags, move || slot.clear())
            .is_err()
        {
            self.left.store(2, Release);
        }
    }

    fn has_left(&self) -> u32 {
        self.left.load(Acquire)
    }
}

/// `a`, of priority 10, subscribes `x` while it is called; `b` has priority 5.
fn joining<K: Tested>(priority: i32, now: &str, then: &str) -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;
    let slot = Slot::<K>::new(None)?;

    let join = {
        let (chain, log, slot) = (chain.clone(), log.clone(), slot.clone());
        move || {
            let x = block(b'x', priority, Notify::Ok);
            *slot.subscribed.lock() = subscribe(&chain, x, &log, GFP_ATOMIC).ok();
        }
    };
    let a = notifier::Registration::<Told<K>, _>::new(chain.clone(), 10, Once::new(&log, join));
    let _a = KBox::pin_init(a, GFP_KERNEL)?;
    let _b = subscribe(&chain, block(b'b', 5, Notify::Ok), &log, GFP_KERNEL)?;

    let called = chain.call(Message::UP);
    expect("order while it joins", log.take().as_str(), now)?;
    expect("calls while it joins", called.calls(), now.len())?;

    let called = chain.call(Message::UP);
    expect("order thereafter", log.take().as_str(), then)?;
    expect("calls thereafter", called.calls(), then.len())?;

    slot.clear();
    expect("calls when it has left", chain.call(Message::UP).calls(), 2)
}

/// `a`, of priority 10, has `x` unsubscribed by another task while it is called, and waits until
/// `x` is off the chain; `b` has priority 5. Who unsubscribes waits until the call has ended.
fn leaving<K: Tested>(priority: i32, now: &str) -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;
    let x = subscribe(&chain, block(b'x', priority, Notify::Ok), &log, GFP_KERNEL)?;
    let slot = Slot::new(Some(x))?;

    let leave = {
        let (chain, log, slot) = (chain.clone(), log.clone(), slot.clone());
        move || {
            slot.clear_elsewhere(GFP_ATOMIC);
            spin_until(|| chain.call(Message::PEEK).calls() == 2);
            if slot.has_left() != 0 {
                log.push(b'!');
            }
        }
    };
    let a = notifier::Registration::<Told<K>, _>::new(chain.clone(), 10, Once::new(&log, leave));
    let a = KBox::pin_init(a, GFP_KERNEL)?;
    let _b = subscribe(&chain, block(b'b', 5, Notify::Ok), &log, GFP_KERNEL)?;

    let called = chain.call(Message::UP);
    expect("order while it leaves", log.take().as_str(), now)?;
    expect("calls while it leaves", called.calls(), now.len())?;

    spin_until(|| slot.has_left() != 0);
    expect("it has left", slot.has_left(), 1)?;
    expect("calls thereafter", chain.call(Message::UP).calls(), 2)?;
    drop(a);
    Ok(())
}

/// `a` has `x` unsubscribed by another task while it is called. The chain is locked, so `x` is
/// called as well, and leaves when the call has ended.
fn locked_out<K: Tested>() -> Outcome {
    let chain = K::make()?;
    let log = Log::new()?;
    let x = subscribe(&chain, block(b'x', 0, Notify::Ok), &log, GFP_KERNEL)?;
    let slot = Slot::new(Some(x))?;

    let leave = {
        let (log, slot) = (log.clone(), slot.clone());
        move || {
            slot.clear_elsewhere(GFP_KERNEL);
            while slot.leaving.load(Acquire) == 0 && slot.has_left() == 0 {
                fsleep(Delta::from_millis(1));
            }
            // Time to get past the lock, if there were none.
            fsleep(Delta::from_millis(50));
            if slot.has_left() != 0 {
                log.push(b'!');
            }
        }
    };
    let a = notifier::Registration::<Told<K>, _>::new(chain.clone(), 10, Once::new(&log, leave));
    let a = KBox::pin_init(a, GFP_KERNEL)?;

    let called = chain.call(Message::UP);
    expect("order while it leaves", log.take().as_str(), "ax")?;
    expect("calls while it leaves", called.calls(), 2)?;

    spin_until(|| slot.has_left() != 0);
    expect("it has left", slot.has_left(), 1)?;
    expect("calls thereafter", chain.call(Message::UP).calls(), 1)?;
    drop(a);
    Ok(())
}

/// What walks the list under RCU or SRCU.
fn unlocked<K: Tested>(report: &mut dyn FnMut(Test)) {
    let cases = [
        (
            "who joins in front is called from the next call on",
            20,
            "ab",
            "xab",
        ),
        (
            "who joins right behind is called from the next call on",
            7,
            "ab",
            "axb",
        ),
        (
            "who joins further behind is called at once",
            0,
            "abx",
            "abx",
        ),
    ];
    for (description, priority, now, then) in cases {
        report((K::NAME, description, joining::<K>(priority, now, then)));
    }

    let cases = [
        (
            "who leaves and is next is still called, and waited for",
            7,
            "axb",
        ),
        ("who leaves and is further behind is not called", 0, "ab"),
    ];
    for (description, priority, now) in cases {
        report((K::NAME, description, leaving::<K>(priority, now)));
    }
}

pub(crate) fn run(report: &mut dyn FnMut(Test)) {
    unlocked::<Atomic>(report);
    unlocked::<Srcu>(report);

    let description = "who leaves waits for the call, and hears of it";
    report((Blocking::NAME, description, locked_out::<Blocking>()));
    report((RawMutex::NAME, description, locked_out::<RawMutex>()));
}
