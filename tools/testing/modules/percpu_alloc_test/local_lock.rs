// SPDX-License-Identifier: GPL-2.0

//! Local locks, and what finds them taken.

use kernel::{
    impl_has_hr_timer,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::{
        delay::udelay,
        hrtimer::{
            HrTimer,
            HrTimerCallback,
            HrTimerCallbackContext,
            HrTimerPointer,
            HrTimerRestart,
            RelativePinnedHardMode, //
        },
        Delta,
        Monotonic, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpuhp::{
        DeadCpu,
        Prepare, //
    },
    cpumask::{
        self,
        PossibleCpu, //
    },
    percpu::{
        get_cpu,
        LocalLock, //
    },
    smp::on_each_cpu, //
};

use super::memory::Tracked;
use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(crate) const CASES: &[Case] = &[
    ("each CPU's lock lends that CPU's copy", own_copy),
    ("a lock that is taken is not taken again", taken_once),
    ("all copies behind locks are dropped", all_dropped),
    (
        "an interrupt finds the lock taken, or free, and nothing half done; on PREEMPT_RT never free",
        interrupted,
    ),
    ("a dead CPU's copy can be replaced", replaced),
];

fn own_copy() -> Outcome {
    let mut locks = LocalLock::new(GFP_KERNEL, |cpu| Ok(cpu.as_u32()))?;
    let pin = get_cpu();

    match locks.try_lock() {
        Some(mut copy) => {
            expect("this CPU's copy", *copy, pin.cpu().as_u32())?;
            *copy = u32::MAX;
        }
        None => expect("a free lock", false, true)?,
    }
    for cpu in cpumask::possible().iter() {
        let wanted = if cpu == pin.cpu() {
            u32::MAX
        } else {
            cpu.as_u32()
        };
        expect("a CPU's copy", *locks.get_mut(cpu), wanted)?;
    }
    Ok(())
}

fn taken_once() -> Outcome {
    let locks = LocalLock::new(GFP_KERNEL, |_| Ok(0u32))?;
    let others = LocalLock::new(GFP_KERNEL, |_| Ok(0u32))?;

    for _ in 0..3 {
        let guard = locks.try_lock();
        expect("taken", guard.is_some(), true)?;
        expect("taken again", locks.try_lock().is_some(), false)?;
        expect("another one taken", others.try_lock().is_some(), true)?;
    }
    Ok(())
}

fn all_dropped() -> Outcome {
    let drops = Atomic::new(0);
    let locks = LocalLock::new(GFP_KERNEL, |_| Ok(Tracked(&drops)))?;

    expect("dropped too early", drops.load(Relaxed), 0)?;
    drop(locks);
    expect(
        "copies dropped",
        drops.load(Relaxed),
        cpumask::possible().weight(),
    )
}

/// What a task and a timer share: two numbers that are equal while nobody has the lock.
struct Shared {
    pairs: LocalLock<(u32, u32)>,
    taken: Atomic<u32>,
    refused: Atomic<u32>,
    torn: Atomic<u32>,
}

impl Shared {
    /// Adds to both numbers if the lock is free, and says so.
    fn add(&self) -> bool {
        let Some(mut pair) = self.pairs.try_lock() else {
            return false;
        };

        if pair.0 != pair.1 {
            self.torn.fetch_add(1, Relaxed);
        }
        pair.0 = pair.0.wrapping_add(1);
        udelay(Delta::from_micros(5));
        pair.1 = pair.1.wrapping_add(1);
        true
    }
}

/// A timer that comes again and again, as a hard interrupt on the CPU that started it.
#[pin_data]
struct Interrupts {
    #[pin]
    timer: HrTimer<Self>,
    shared: Arc<Shared>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Interrupts {
        mode: RelativePinnedHardMode<Monotonic>, field: self.timer
    }
}

impl Interrupts {
    const PERIOD: Delta = Delta::from_micros(200);

    fn new(shared: Arc<Shared>) -> impl PinInit<Self> {
        pin_init!(Self {
            timer <- HrTimer::new(),
            shared,
        })
    }
}

impl HrTimerCallback for Interrupts {
    type Pointer<'a> = Pin<KBox<Self>>;

    fn run(this: Pin<&mut Self>, mut ctx: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        let shared = &this.shared;
        let outcome = if shared.add() {
            &shared.taken
        } else {
            &shared.refused
        };

        outcome.fetch_add(1, Relaxed);
        ctx.forward_now(Self::PERIOD);
        HrTimerRestart::Restart
    }
}

/// Waits until `count` has risen, for as long as it takes within reason.
fn rises(what: &'static str, count: &Atomic<u32>) -> Outcome {
    let before = count.load(Relaxed);

    for _ in 0..100_000 {
        if count.load(Relaxed) != before {
            return Ok(());
        }
        udelay(Delta::from_micros(10));
    }
    expect(what, false, true)
}

fn interrupted() -> Outcome {
    let shared = Arc::new(
        Shared {
            pairs: LocalLock::new(GFP_KERNEL, |_| Ok((0, 0)))?,
            taken: Atomic::new(0),
            refused: Atomic::new(0),
            torn: Atomic::new(0),
        },
        GFP_KERNEL,
    )?;
    let timer = KBox::pin_init(Interrupts::new(shared.clone()), GFP_KERNEL)?;

    let cpus = cpus_read_lock();
    let pin = get_cpu();
    let guard = shared.pairs.try_lock();
    let timer = timer.start(Interrupts::PERIOD);
    rises("an interrupt that finds it taken", &shared.refused)?;
    expect("interrupts that took it", shared.taken.load(Relaxed), 0)?;
    drop(guard);
    if cfg!(CONFIG_PREEMPT_RT) {
        rises(
            "an interrupt that does not get what is free",
            &shared.refused,
        )?;
        drop(pin);
        drop(timer);
        return expect("interrupts that took it", shared.taken.load(Relaxed), 0);
    }
    rises("an interrupt that takes it", &shared.taken)?;

    // Nobody keeps a handler from it who takes it with interrupts off.
    let refused = shared.refused.load(Relaxed);
    for _ in 0..100 {
        let missed = Atomic::new(0);
        on_each_cpu(&cpus, |_irq| {
            if !shared.add() {
                missed.fetch_add(1u32, Relaxed);
            }
        })?;
        expect("not taken with interrupts off", missed.load(Relaxed), 0)?;
    }
    rises("an interrupt that takes it", &shared.taken)?;
    expect(
        "more that find it taken",
        shared.refused.load(Relaxed),
        refused,
    )?;

    // Both at will.
    for _ in 0..1000 {
        shared.add();
    }
    drop(pin);
    drop(timer);
    expect("pairs that were not equal", shared.torn.load(Relaxed), 0)
}

/// How many copies of dead CPUs were replaced, and how many were not what they had to be.
static REPLACED: Atomic<u32> = Atomic::new(0);
static WRONG: Atomic<u32> = Atomic::new(0);

/// Replaces the copy of each CPU that dies.
pub(crate) struct Copies(LocalLock<KBox<u32>>);

impl Copies {
    pub(crate) fn new() -> Result<Self> {
        LocalLock::new(GFP_KERNEL, |cpu| Ok(KBox::new(cpu.as_u32(), GFP_KERNEL)?)).map(Self)
    }
}

impl Prepare for Copies {
    fn prepare(&self, _cpu: PossibleCpu) -> Result {
        Ok(())
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        let Ok(new) = KBox::new(cpu.id().as_u32(), GFP_KERNEL) else {
            return;
        };

        REPLACED.fetch_add(1, Relaxed);
        match self.0.replace_dead(cpu, new) {
            Ok(old) if *old == cpu.id().as_u32() => {}
            _ => {
                WRONG.fetch_add(1, Relaxed);
            }
        }
    }
}

fn replaced() -> Outcome {
    expect(
        "CPUs that died (did any?)",
        REPLACED.load(Relaxed) > 0,
        true,
    )?;
    expect("wrong copies", WRONG.load(Relaxed), 0)
}
