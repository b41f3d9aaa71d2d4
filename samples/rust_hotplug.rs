// SPDX-License-Identifier: GPL-2.0

//! Sample: a per-CPU counter that stays exact while CPUs come and go, by tally's hotplug chain.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::{
    cpu::{
        cpus_read_lock,
        CpusHeld, //
    },
    define_per_cpu,
    notifier::{
        self,
        Notify,
        Subscriber, //
    },
    percpu::Pinned,
    smp::on_each_cpu, //
};
use tally::hotplug::chain::{
    CpuAction,
    CpuChain,
    CpuEvent,
    CHAIN,
    PRIORITY_GROUP, //
};

module! {
    type: RustHotplug,
    name: "rust_hotplug",
    authors: ["The tally developers"],
    description: "Sample of tally's hotplug chain: an exact per-CPU counter",
    license: "GPL",
}

define_per_cpu! {
    /// Widgets that this CPU made since it is up.
    static WIDGETS: u64 = 0;
}

/// What CPUs made that have gone since.
struct Departed(Atomic<u64>);

impl Departed {
    /// All that were ever made. No CPU goes meanwhile, so each is counted once.
    fn total(&self, cpus: &CpusHeld) -> u64 {
        self.0.load(Relaxed).wrapping_add(WIDGETS.sum_online(cpus))
    }
}

impl Subscriber<CpuChain> for Departed {
    fn notify(&self, event: &CpuEvent<'_>) -> Notify {
        let CpuAction::Dead(cpu) = event.action() else {
            return Notify::Done;
        };

        let made = WIDGETS.take(cpu);
        self.0.add(made, Relaxed);
        pr_info!("CPU {} leaves {made} widgets\n", cpu.id());
        Notify::Ok
    }
}

#[pin_data(PinnedDrop)]
struct RustHotplug {
    #[pin]
    departed: notifier::Registration<CpuChain, Departed>,
}

impl kernel::InPlaceModule for RustHotplug {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            departed <- notifier::Registration::new(&CHAIN, PRIORITY_GROUP, Departed(Atomic::new(0))),
            _: {
                let cpus = cpus_read_lock();
                on_each_cpu(&cpus, |irq| {
                    let number = u64::from(irq.cpu().as_u32());
                    WIDGETS.pinned(irq).add(number.wrapping_add(1));
                })?;
                pr_info!("{} widgets\n", departed.total(&cpus));
            },
        }? Error)
    }
}

#[pinned_drop]
impl PinnedDrop for RustHotplug {
    fn drop(self: Pin<&mut Self>) {
        let cpus = cpus_read_lock();

        pr_info!("{} widgets in the end\n", self.departed.total(&cpus));
    }
}
