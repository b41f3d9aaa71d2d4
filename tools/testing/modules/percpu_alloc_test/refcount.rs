// SPDX-License-Identifier: GPL-2.0

//! Reference counts: who hears of the last one, and when the object goes.

use core::cell::UnsafeCell;

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use kernel_ext::{
    compat::{
        rcu_barrier,
        synchronize_rcu, //
    },
    cpu::cpus_read_lock,
    percpu::{
        Counted,
        PerCpuRef,
        PerCpuShared,
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

/// References that the interrupts of a CPU take, and keep for a later one.
///
/// There is no lock around them: on PREEMPT_RT hard interrupts get none that Rust has, a local lock
/// included.
struct Kept(UnsafeCell<KVec<Reference<Object>>>);

// SAFETY: Only `on_each` reaches what is in a CPU's copy, on that CPU and with interrupts disabled.
unsafe impl Sync for Kept {}

impl Kept {
    fn new() -> Result<PerCpuShared<Self>> {
        PerCpuShared::new(GFP_KERNEL, |_| {
            Ok(Self(UnsafeCell::new(KVec::with_capacity(10, GFP_KERNEL)?)))
        })
    }
}

/// Runs `work` in an interrupt on each CPU that is online; how many CPUs these were.
fn on_each(
    kept: &PerCpuShared<Kept>,
    work: impl Fn(&mut KVec<Reference<Object>>) + Sync,
) -> Result<usize> {
    let cpus = cpus_read_lock();

    on_each_cpu(&cpus, |irq| {
        // SAFETY: Nobody else has a reference to what is in this CPU's copy: such a one ends with this
        // closure, no other comes in between while interrupts are disabled, and `work` cannot come
        // here again, as `on_each_cpu` refuses to be called with interrupts disabled.
        work(unsafe { &mut *kept.get(irq).0.get() });
    })?;
    Ok(cpus.online().count())
}

/// Takes 10 references in an interrupt on each CPU that is online; all of them must be had.
fn take_on_each(kept: &PerCpuShared<Kept>, object: &PerCpuRef<Object>) -> Outcome {
    let taken = Atomic::new(0usize);

    let cpus = on_each(kept, |kept| {
        for reference in (0..10).filter_map(|_| object.try_get()) {
            if kept.push_within_capacity(reference).is_ok() {
                taken.fetch_add(1, Relaxed);
            }
        }
    })?;
    expect("references", taken.load(Relaxed), cpus.saturating_mul(10))
}

fn from_everywhere() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let kept = Kept::new()?;

    take_on_each(&kept, &object)?;
    // Given back on this CPU.
    drop(kept);
    object.kill();
    object.wait();
    events.expect(1, 0)
}

fn released_in_interrupt() -> Outcome {
    let events = Events::new()?;
    let object = Object::new(&events)?;
    let kept = Kept::new()?;

    take_on_each(&kept, &object)?;
    object.kill();
    rcu_barrier();
    events.expect(0, 0)?;
    on_each(&kept, KVec::clear)?;
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
