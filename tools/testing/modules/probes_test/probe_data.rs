// SPDX-License-Identifier: GPL-2.0

//! Probe data whose `drop` changes what is attached, and closures that do.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use kernel_ext::{
    percpu::{
        PerCpu,
        Slot,
        Slots, //
    },
    tracepoint::{
        EventRegistration,
        ProbeData,
        Probes, //
    }, //
};

use crate::{
    event,
    ktap::{
        expect,
        Case,
        Outcome, //
    },
    tasks::Tasks, //
};

pub(crate) const CASES: &[Case] = &[
    (
        "no lock is held while data that was refused is dropped",
        refused,
    ),
    (
        "no lock is held while data that was attached is dropped",
        removed,
    ),
    ("no lock is held while all events are walked", walk),
];

type Shared = Arc<Pin<KBox<Probes>>>;

fn probes() -> Result<Shared> {
    Ok(Arc::new(
        KBox::pin_init(Probes::new(), GFP_KERNEL)?,
        GFP_KERNEL,
    )?)
}

/// How many tasks of [`is_free`] there are that nobody waits for.
static RUNNING: Atomic<u32> = Atomic::new(0);

/// Whether another task can change what is attached, now. It is given two seconds.
fn is_free(probes: &Shared, slot: &Slot) -> Result<bool> {
    let done = Arc::new(Atomic::new(0u32), GFP_KERNEL)?;
    let (probes, slot, other) = (probes.clone(), slot.clone(), done.clone());
    let none = event(c"probes_test", c"is_free")?;

    let tasks = Tasks::new()?;
    tasks.spawn(move || {
        RUNNING.fetch_add(1, Relaxed);
        let pending = probes.attach_or_defer(none, slot);
        other.store(1, Release);
        drop((pending, probes));
        RUNNING.fetch_sub(1, Release);
    })?;
    for _ in 0..200 {
        if done.load(Acquire) == 1 {
            tasks.join();
            return Ok(true);
        }
        fsleep(Delta::from_millis(10));
    }
    // It goes on when the lock is free.
    Ok(false)
}

/// Data that tries as it is dropped whether what is attached can be changed.
struct Tries {
    slot: Slot,
    other: Slot,
    probes: Shared,
    was_free: Arc<Atomic<u32>>,
}

// SAFETY: A slot's counter has an address of its own, and lives as long as the slot.
unsafe impl ProbeData for Tries {
    type Probe = PerCpu<u64>;

    fn probe(&self) -> &PerCpu<u64> {
        &self.slot
    }
}

impl Drop for Tries {
    fn drop(&mut self) {
        let is_free = is_free(&self.probes, &self.other);
        self.was_free
            .store(is_free.is_ok_and(|free| free).into(), Release);
    }
}

/// Data with a probe of its own, which leaves when it is dropped.
struct Keeps(Slot, #[expect(dead_code)] EventRegistration);

// SAFETY: As for `Tries`.
unsafe impl ProbeData for Keeps {
    type Probe = PerCpu<u64>;

    fn probe(&self) -> &PerCpu<u64> {
        &self.0
    }
}

/// What the cases have.
struct Setting {
    slots: Pin<KBox<Slots>>,
    probes: Shared,
    was_free: Arc<Atomic<u32>>,
}

impl Setting {
    fn new() -> Result<Self> {
        Ok(Self {
            slots: KBox::pin_init(Slots::new(), GFP_KERNEL)?,
            probes: probes()?,
            was_free: Arc::new(Atomic::new(2), GFP_KERNEL)?,
        })
    }

    fn tries(&self, slot: &Slot) -> Result<Tries> {
        Ok(Tries {
            slot: slot.clone(),
            other: self.slots.alloc(GFP_KERNEL)?,
            probes: self.probes.clone(),
            was_free: self.was_free.clone(),
        })
    }

    /// Whether data was dropped, with no lock held.
    fn was_free(&self, what: &'static str) -> Outcome {
        expect(what, self.was_free.xchg(2, Acquire), 1)
    }

    fn keeps(&self, slot: &Slot) -> Result<Keeps> {
        let wakeup = event(c"sched", c"sched_wakeup")?;
        let inner = self.probes.attach(wakeup, self.slots.alloc(GFP_KERNEL)?)?;
        Ok(Keeps(slot.clone(), inner))
    }
}

impl Drop for Setting {
    /// Nobody may be in this module's code when it goes.
    fn drop(&mut self) {
        while RUNNING.load(Acquire) > 0 {
            fsleep(Delta::from_millis(10));
        }
    }
}

fn refused() -> Outcome {
    let setting = Setting::new()?;
    let probes = &setting.probes;
    let slot = setting.slots.alloc(GFP_KERNEL)?;
    let none = event(c"probes_test", c"no_such_event")?;
    let switch = event(c"sched", c"sched_switch")?;
    let attached = probes.attach(switch.clone(), slot.clone())?;

    let failed = probes.attach(none.clone(), setting.tries(&slot)?).is_err();
    expect("whether ENOENT", failed, true)?;
    setting.was_free("whether it was free after ENOENT")?;
    let failed = probes
        .attach(switch.clone(), setting.tries(&slot)?)
        .is_err();
    expect("whether EEXIST", failed, true)?;
    setting.was_free("whether it was free after EEXIST")?;
    // This is what another `Probes` finds out from the kernel.
    let others = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let failed = others
        .attach(switch.clone(), setting.tries(&slot)?)
        .is_err();
    expect("whether EEXIST again", failed, true)?;
    setting.was_free("whether it was free after EEXIST of the kernel")?;

    // What would wait for itself if a lock were held.
    let failed = probes.attach(none, setting.keeps(&slot)?).is_err()
        && probes.attach(switch, setting.keeps(&slot)?).is_err();
    expect("whether both fail", failed, true)?;
    expect("what is attached", probes.attached(), 1)?;
    drop(attached);
    Ok(())
}

fn removed() -> Outcome {
    let setting = Setting::new()?;
    let probes = &setting.probes;
    let slot = setting.slots.alloc(GFP_KERNEL)?;
    let switch = event(c"sched", c"sched_switch")?;

    drop(probes.attach(switch.clone(), setting.tries(&slot)?)?);
    setting.was_free("whether it was free")?;

    let mut many = KVVec::new();
    many.push(
        probes.attach(switch.clone(), setting.tries(&slot)?)?,
        GFP_KERNEL,
    )?;
    EventRegistration::drop_if(&mut many, |_| true);
    setting.was_free("whether it was free after many")?;

    drop(probes.attach(switch, setting.keeps(&slot)?)?);
    expect("what is attached", probes.attached(), 0)
}

fn walk() -> Outcome {
    let setting = Setting::new()?;
    let probes = &setting.probes;
    let slot = setting.slots.alloc(GFP_KERNEL)?;
    // This module's own: events of modules are the ones that there is a lock for.
    let ours = event(c"probes_test", c"probes_test_never")?;

    let mut done = Err(ENOENT);
    probes.for_each_event(|system, event| {
        if (system, event) == ours.parts() {
            let is_free = is_free(probes, &slot)?;
            done = if is_free { Ok(()) } else { Err(EBUSY) };
            if is_free {
                probes.find(system, event)?;
                drop(probes.attach(ours.clone(), slot.clone())?);
                probes.for_each_event(|_, _| Ok(()))?;
            }
        }
        Ok(())
    })?;
    Ok(done?)
}
