// SPDX-License-Identifier: GPL-2.0

//! Test module: states of every kind that take note of whether their calls are balanced.
//!
//! /proc/cpuhp_watch has a line for each instance: the number of its state, its name, how often it
//! was called, how often it was called up for a CPU that was up or down for one that was not, and
//! the CPUs that are up for it. tools/testing/guest/test_cpuhp.py makes calls fail around them.

use kernel::{
    new_mutex,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpuhp::{
        self,
        Callbacks,
        DeadCpu,
        Instance,
        MultiRegistration,
        Online,
        OnlineCalls,
        OnlineCpu,
        OnlineNoCalls,
        Prepare,
        PrepareCalls,
        PrepareNoCalls,
        Unprepare, //
    },
    cpumask::{
        CpuMaskVar,
        PossibleCpu, //
    },
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};

module! {
    type: CpuHpWatch,
    name: "cpuhp_watch",
    authors: ["The tally developers"],
    description: "Test of kernel_ext::cpuhp: balanced calls",
    license: "GPL",
}

/// What an instance saw.
struct Seen {
    calls: u64,
    unbalanced: u64,
    up: CpuMaskVar,
}

/// Callbacks of an instance.
#[pin_data]
struct Watch {
    #[pin]
    seen: Mutex<Seen>,
}

impl Watch {
    /// `up` are the CPUs for which a startup is not called any more.
    fn new(up: CpuMaskVar) -> Result<Arc<Self>> {
        let seen = Seen {
            calls: 0,
            unbalanced: 0,
            up,
        };
        Arc::pin_init(pin_init!(Self { seen <- new_mutex!(seen) }), GFP_KERNEL)
    }

    fn call(&self, cpu: PossibleCpu, up: bool) {
        let mut seen = self.seen.lock();

        seen.calls = seen.calls.wrapping_add(1);
        if seen.up.test(cpu) == up {
            seen.unbalanced = seen.unbalanced.wrapping_add(1);
        }
        if up {
            seen.up.set(cpu);
        } else {
            seen.up.clear(cpu);
        }
    }
}

/// The callbacks as the hotplug core has them.
struct Shared(Arc<Watch>);

impl Prepare for Shared {
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        self.0.call(cpu, true);
        Ok(())
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        self.0.call(cpu.id(), false);
    }
}

impl Unprepare for Shared {
    fn unprepare(&self, cpu: PossibleCpu) {
        self.0.call(cpu, false);
    }
}

impl Online for Shared {
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        self.0.call(cpu.id(), true);
        Ok(())
    }

    fn offline(&self, cpu: &OnlineCpu<'_>) {
        self.0.call(cpu.id(), false);
    }
}

/// An instance's line.
struct Line {
    number: i32,
    name: &'static str,
    watch: Arc<Watch>,
}

#[derive(Default)]
struct Lines(KVec<Line>);

impl Lines {
    fn watch(&mut self, number: i32, name: &'static str, watch: Arc<Watch>) -> Result {
        let line = Line {
            number,
            name,
            watch,
        };
        Ok(self.0.push(line, GFP_KERNEL)?)
    }

    /// Adds a state with one instance.
    fn state<K>(&mut self, name: &'static str, up: CpuMaskVar) -> Result<One<K>>
    where
        K: Callbacks<Shared>,
    {
        let watch = Watch::new(up)?;
        let state = cpuhp::Registration::new(c"cpuhp_watch:one", Shared(watch.clone()));
        let state = KBox::pin_init(state, GFP_KERNEL)?;
        self.watch(state.number(), name, watch)?;
        Ok(state)
    }

    /// Adds a state with two instances.
    fn instances<K>(&mut self, names: [&'static str; 2], up: &CpuMaskVar) -> Result<Two<K>>
    where
        K: Callbacks<Shared>,
    {
        let state: MultiRegistration<K, Shared> = MultiRegistration::new(c"cpuhp_watch:two")?;
        let state = Arc::new(state, GFP_KERNEL)?;
        let [first, second] = names;
        Ok([
            self.instance(state.clone(), first, up)?,
            self.instance(state, second, up)?,
        ])
    }

    fn instance<K>(
        &mut self,
        state: Arc<MultiRegistration<K, Shared>>,
        name: &'static str,
        up: &CpuMaskVar,
    ) -> Result<Pin<KBox<Instance<K, Shared>>>>
    where
        K: Callbacks<Shared>,
    {
        let watch = Watch::new(CpuMaskVar::try_clone(up, GFP_KERNEL)?)?;
        let instance = Instance::add(state, Shared(watch.clone()));
        let instance = KBox::pin_init(instance, GFP_KERNEL)?;
        self.watch(instance.number(), name, watch)?;
        Ok(instance)
    }
}

type One<K> = Pin<KBox<cpuhp::Registration<K, Shared>>>;
type Two<K> = [Pin<KBox<Instance<K, Shared>>>; 2];

impl SeqOperations for Lines {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos < self.0.len()).then_some(pos)
    }

    fn show(&self, _: &(), index: usize, m: &SeqFile) -> Result {
        let line = self.0.get(index).ok_or(EINVAL)?;
        let seen = line.watch.seen.lock();
        let Seen {
            calls,
            unbalanced,
            up,
        } = &*seen;
        seq_print!(
            m,
            "{} {} calls {calls} unbalanced {unbalanced} up {up}\n",
            line.number,
            line.name
        );
        Ok(())
    }
}

/// The states, in the order of their numbers in each section.
#[pin_data]
struct CpuHpWatch {
    #[pin]
    lines: procfs::Registration<Lines>,
    _prepare: (One<PrepareNoCalls>, Two<PrepareNoCalls>, One<PrepareCalls>),
    _online: (One<OnlineCalls>, Two<OnlineCalls>, One<OnlineNoCalls>),
}

impl kernel::InPlaceModule for CpuHpWatch {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let mut lines = Lines::default();
            let none = || CpuMaskVar::new(GFP_KERNEL);
            let online = || {
                let mut online = CpuMaskVar::new(GFP_KERNEL)?;
                cpus_read_lock().online().for_each(|cpu| online.set(cpu));
                Ok::<_, Error>(online)
            };

            let prepare = (
                lines.state("prepare_nocalls", online()?)?,
                lines.instances(["prepare_first", "prepare_second"], &online()?)?,
                lines.state("prepare_calls", none()?)?,
            );
            let online = (
                lines.state("online_calls", none()?)?,
                lines.instances(["online_first", "online_second"], &none()?)?,
                lines.state("online_nocalls", online()?)?,
            );

            Ok(try_pin_init!(Self {
                _prepare: prepare,
                _online: online,
                lines <- procfs::Registration::new(c"cpuhp_watch", 0o444, lines),
            }? Error))
        })
    }
}
