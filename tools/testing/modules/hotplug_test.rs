// SPDX-License-Identifier: GPL-2.0

//! Test module: a counter of another module that is kept exact by tally's hotplug chain.
//!
//! Each read of /proc/hotplug_work counts one, so whoever reads knows the number of events.
//! /proc/hotplug_test shows the total, and whether each CPU that came was told of before it was
//! told of again. `tools/testing/guest/test_storm.py` compares.

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    compat::value_ref,
    cpu::{
        cpus_read_lock,
        CpusReadGuard, //
    },
    cpumask::{
        self,
        PossibleCpu, //
    },
    define_per_cpu,
    notifier::{
        self,
        Notify,
        Subscriber, //
    },
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};
use tally::hotplug::chain::{
    CpuAction,
    CpuChain,
    CpuEvent,
    CHAIN,
    PRIORITY_GROUP, //
};

module! {
    type: HotplugTest,
    name: "hotplug_test",
    authors: ["The tally developers"],
    description: "Test of tally's hotplug chain",
    license: "GPL",
    params: {
        veto: i32 {
            default: -1,
            description: "CPU whose coming the last subscriber objects to",
        },
    },
}

define_per_cpu! {
    /// What this CPU counted.
    static WORK: u64 = 0;
}

/// What came by on the chain.
struct Seen {
    /// What CPUs counted that went.
    departed: Atomic<u64>,
    came: Atomic<u64>,
    taken_back: Atomic<u64>,
    died: Atomic<u64>,
    /// Events of a CPU that do not go with the one before.
    unbalanced: Atomic<u64>,
    /// By number: 1 if the CPU is up, or on its way.
    up: KVec<Atomic<u32>>,
}

impl Seen {
    fn new() -> Result<Self> {
        let mut up = KVec::new();
        for cpu in cpumask::possible().iter() {
            while up.len() <= cpu.as_u32() as usize {
                up.push(Atomic::new(0), GFP_KERNEL)?;
            }
        }
        for cpu in cpumask::online().iter() {
            if let Some(up) = up.get(cpu.as_u32() as usize) {
                up.store(1, Relaxed);
            }
        }

        Ok(Self {
            departed: Atomic::new(0),
            came: Atomic::new(0),
            taken_back: Atomic::new(0),
            died: Atomic::new(0),
            unbalanced: Atomic::new(0),
            up,
        })
    }

    /// Counts an event after which a CPU is up, or is not.
    fn note(&self, count: &Atomic<u64>, cpu: PossibleCpu, up: u32) {
        count.add(1, Relaxed);

        match self.up.get(cpu.as_u32() as usize) {
            Some(before) if before.xchg(up, Relaxed) != up => {}
            _ => self.unbalanced.add(1, Relaxed),
        }
    }

    fn total(&self, cpus: &CpusReadGuard) -> u64 {
        self.departed
            .load(Relaxed)
            .wrapping_add(WORK.sum(cpus.online()))
    }
}

/// The first on the chain. It wants nobody else to hear of what has happened already.
struct First(Arc<Seen>);

impl Subscriber<CpuChain> for First {
    fn notify(&self, event: &CpuEvent<'_>) -> Notify {
        match event.action() {
            CpuAction::UpPrepare(cpu) => {
                self.0.note(&self.0.came, *cpu, 1);
                Notify::Ok
            }
            CpuAction::UpCanceled(cpu) => {
                self.0.note(&self.0.taken_back, *cpu, 0);
                Notify::Stop
            }
            CpuAction::Dead(cpu) => {
                self.0.note(&self.0.died, cpu.id(), 0);
                self.0.departed.add(WORK.take(cpu), Relaxed);
                Notify::Bad(EBUSY)
            }
        }
    }
}

/// The last on the chain.
struct Last;

impl Subscriber<CpuChain> for Last {
    fn notify(&self, event: &CpuEvent<'_>) -> Notify {
        match event.action() {
            CpuAction::UpPrepare(cpu)
                if i64::from(cpu.as_u32()) == i64::from(*value_ref(&module_parameters::veto)) =>
            {
                Notify::Bad(EBUSY)
            }
            _ => Notify::Ok,
        }
    }
}

/// /proc/hotplug_work: its one record is shown once for each read from the beginning.
struct Work;

impl SeqOperations for Work {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _guard: &(), _index: usize, m: &SeqFile) -> Result {
        WORK.inc();
        seq_print!(m, "done\n");
        Ok(())
    }
}

/// /proc/hotplug_test.
struct Show(Arc<Seen>);

impl SeqOperations for Show {
    type Guard = CpusReadGuard;

    fn start(&self, _opener: Opener<'_>) -> CpusReadGuard {
        cpus_read_lock()
    }

    fn seek(&self, _cpus: &CpusReadGuard, pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, cpus: &CpusReadGuard, _index: usize, m: &SeqFile) -> Result {
        let seen = &*self.0;

        seq_print!(m, "total {}\n", seen.total(cpus));
        seq_print!(m, "came {}\n", seen.came.load(Relaxed));
        seq_print!(m, "taken_back {}\n", seen.taken_back.load(Relaxed));
        seq_print!(m, "died {}\n", seen.died.load(Relaxed));
        seq_print!(m, "unbalanced {}\n", seen.unbalanced.load(Relaxed));
        Ok(())
    }
}

#[pin_data]
struct HotplugTest {
    #[pin]
    work: procfs::Registration<Work>,
    #[pin]
    show: procfs::Registration<Show>,
    #[pin]
    last: notifier::Registration<CpuChain, Last>,
    #[pin]
    first: notifier::Registration<CpuChain, First>,
}

impl kernel::InPlaceModule for HotplugTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let seen = Arc::new(Seen::new()?, GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                first <- notifier::Registration::new(&CHAIN, PRIORITY_GROUP, First(seen.clone())),
                last <- notifier::Registration::new(&CHAIN, i32::MIN, Last),
                show <- procfs::Registration::new(c"hotplug_test", 0o444, Show(seen)),
                work <- procfs::Registration::new(c"hotplug_work", 0o444, Work),
            }? Error))
        })
    }
}
