// SPDX-License-Identifier: GPL-2.0

//! Sample: CPU hotplug states. Requests are served where they come in, each CPU with its own
//! counter, and what a CPU that goes served is not forgotten.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpuhp::{
        DeadCpu,
        Online,
        OnlineCpu,
        OnlineRegistration,
        Prepare,
        PrepareRegistration, //
    },
    define_per_cpu, //
};

module! {
    type: RustCpuHp,
    name: "rust_cpuhp",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: CPU hotplug states",
    license: "GPL",
}

define_per_cpu! {
    /// Requests that this CPU served.
    static SERVED: u64 = 0;
}

/// Keeps what CPUs served that are gone: a state of the PREPARE section.
struct Keep {
    departed: Atomic<u64>,
}

impl Prepare for Keep {
    fn dead(&self, cpu: &DeadCpu<'_>) {
        // It serves no more, so this is all that it ever served.
        let served = SERVED.take(cpu);

        self.departed.fetch_add(served, Relaxed);
        pr_info!("CPU {} is dead, it served {served}\n", cpu.id());
    }
}

/// Has a CPU serve while it is up: a state of the ONLINE section.
struct Serve;

impl Online for Serve {
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        // This runs on the CPU itself. An error would keep it down.
        SERVED.inc();
        pr_info!("CPU {} serves\n", cpu.id());
        Ok(())
    }

    fn offline(&self, cpu: &OnlineCpu<'_>) {
        // Still on the CPU: what it serves from here on counts too.
        SERVED.inc();
        pr_info!("CPU {} stops\n", cpu.id());
    }
}

/// The states are removed in this order: CPUs stop serving while what they served is still kept.
#[pin_data(PinnedDrop)]
struct RustCpuHp {
    #[pin]
    serve: OnlineRegistration<Serve>,
    #[pin]
    keep: PrepareRegistration<Keep>,
}

impl kernel::InPlaceModule for RustCpuHp {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            keep <- PrepareRegistration::new(c"rust_cpuhp:dead", Keep { departed: Atomic::new(0) }),
            serve <- OnlineRegistration::new(c"rust_cpuhp:online", Serve),
        }? Error)
    }
}

#[pinned_drop]
impl PinnedDrop for RustCpuHp {
    fn drop(self: Pin<&mut Self>) {
        // No CPU dies between the two numbers.
        let cpus = cpus_read_lock();
        let served = SERVED.sum(cpus.online());
        let departed = self.keep.departed.load(Relaxed);
        drop(cpus);

        pr_info!("{served} served by CPUs that are up, {departed} by others\n");
    }
}
