// SPDX-License-Identifier: GPL-2.0

//! Reference counts: who hears of the last one, and when the object goes.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        rcu::{
            rcu_barrier,
            synchronize_rcu, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpumask,
    percpu::{
        Counted,
        LocalLock,
        PerCpuRef,
        Reference, //
    },
    smp::on_each_cpu, //
};

use crate::{
    ktap::{
        expect,
        Case,
        Outcome, //
    },
    tasks::Tasks, //
};

pub(crate) const CASES: &[Case] = &[
    ("an object nobody refers to is released and dropped", unused),
    ("an object is killed once", killed_once),
    (
        "the last reference releases, after the kill",
        last_reference,
    ),
    ("a clone is a reference too", cloned),
    (
        "what is dropped without a kill waits for references",
        dropped_waits,
    ),
    ("references from all CPUs add up", from_everywhere),
    (
        "the last reference may go in an interrupt",
        released_in_interrupt,
    ),
    ("what cannot be made is not released", not_made),
];

/// What became of an object.
struct Events {
    released: Atomic<u32>,
    dropped: Atomic<u32>,
}

impl Events {
    fn new() -> Result<Arc<Self>> {
        Ok(Arc::new(
            Self {
                released: Atomic::new(0),
                dropped: Atomic::new(0),
            },
            GFP_KERNEL,
        )?)
    }

    fn expect(&self, released: u32, dropped: u32) -> Outcome {
        expect("released", self.released.load(Relaxed), released)?;
        expect("dropped", self.dropped.load(Relaxed), dropped)
    }
}

struct Object(Arc<Events>);

impl Object {
    fn new(events: &Arc<Events>) -> Result<Pin<KBox<PerCpuRef<Self>>>> {
        KBox::pin_init(PerCpuRef::new(Self(events.clone()), GFP_KERNEL), GFP_KERNEL)
    }
}

impl Counted for Object {
    fn release(&self) {
        self.0.released.fetch_add(1, Relaxed);
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Relaxed);
    }
}

fn unused() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;

    events.expect(0, 0)?;
    drop(object);
    events.expect(1, 1)
}

fn killed_once() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;

    expect("dying", object.is_dying(), false)?;
    expect("the first kill is the first", object.kill(), true)?;
    expect("the second kill is the first", object.kill(), false)?;
    expect("dying", object.is_dying(), true)?;
    expect("a reference to be had", object.try_get().is_some(), false)?;
    object.wait();
    events.expect(1, 0)?;
    expect("a kill after release is the first", object.kill(), false)?;
    expect(
        "a reference to be had after release",
        object.try_get().is_some(),
        false,
    )?;
    drop(object);
    events.expect(1, 1)
}

fn last_reference() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let (first, last) = (
        object.try_get().ok_or(ENODEV)?,
        object.try_get().ok_or(ENODEV)?,
    );

    object.kill();
    drop(first);
    // So that the counts have been added up, if ever they are.
    synchronize_rcu();
    rcu_barrier();
    events.expect(0, 0)?;
    drop(last);
    events.expect(1, 0)?;
    drop(object);
    events.expect(1, 1)
}

fn cloned() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let first = object.try_get().ok_or(ENODEV)?;

    object.kill();
    let last = first.clone();
    drop(first);
    rcu_barrier();
    events.expect(0, 0)?;
    // It gives access to what it refers to, and to its count.
    expect("dying", last.is_dying(), true)?;
    expect("the object", Arc::ptr_eq(&last.0, &events), true)?;
    drop(last);
    events.expect(1, 0)
}

fn dropped_waits() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let reference = object.try_get().ok_or(ENODEV)?;
    let tasks = Tasks::new()?;

    let seen = events.clone();
    let intact = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let was_intact = intact.clone();
    tasks.spawn(move || {
        // Meanwhile the owner begins to drop the object.
        fsleep(Delta::from_millis(100));
        was_intact.store(seen.expect(0, 0).is_ok(), Relaxed);
        drop(reference);
    })?;
    drop(object);
    expect("intact before", intact.load(Relaxed), true)?;
    events.expect(1, 1)?;
    tasks.join();
    Ok(())
}

/// References that interrupts take and keep, each CPU for itself: a spinlock is not for interrupts
/// on every kernel.
type Kept = LocalLock<KVec<Reference<Object>>>;

/// Takes 10 references in an interrupt on each CPU that is online; how many CPUs these were.
fn take_on_each(object: &PerCpuRef<Object>) -> Result<(Kept, usize)> {
    let kept = Kept::new(GFP_KERNEL, |_| Ok(KVec::with_capacity(10, GFP_KERNEL)?))?;
    let cpus = cpus_read_lock();

    on_each_cpu(&cpus, |_irq| {
        if let Some(mut kept) = kept.try_lock() {
            for reference in (0..10).filter_map(|_| object.try_get()) {
                let _full = kept.push_within_capacity(reference);
            }
        }
    })?;
    Ok((kept, cpus.online().count()))
}

fn from_everywhere() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let (mut kept, cpus) = take_on_each(&object)?;

    // Given back on this CPU.
    let references: usize = cpumask::possible()
        .iter()
        .map(|cpu| kept.get_mut(cpu).drain_all().count())
        .sum();
    expect("references", references, cpus.saturating_mul(10))?;

    object.kill();
    object.wait();
    events.expect(1, 0)
}

fn released_in_interrupt() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let (kept, _) = take_on_each(&object)?;

    object.kill();
    rcu_barrier();
    events.expect(0, 0)?;
    on_each_cpu(&cpus_read_lock(), |_irq| {
        if let Some(mut kept) = kept.try_lock() {
            kept.clear();
        }
    })?;
    events.expect(1, 0)
}

fn not_made() -> Outcome {
    let events = Events::new()?;
    let failed = KBox::pin_init(
        PerCpuRef::<Object>::new(Err::<Object, _>(EIO), GFP_KERNEL),
        GFP_KERNEL,
    );

    expect("the error", failed.err() == Some(EIO), true)?;
    events.expect(0, 0)
}
