// SPDX-License-Identifier: GPL-2.0

//! Sample: a CPU hotplug state with many instances. A driver has ports, each with a queue for every
//! CPU that is up, and a counter of the CPUs that come.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    cpuhp::{
        DeadCpu,
        Global,
        GlobalRegistration,
        Instance,
        MultiRegistration,
        Online,
        OnlineCpu,
        OnlineNoCalls,
        Prepare,
        PrepareCalls,
        Unprepare, //
    },
    cpumask::PossibleCpu, //
};

module! {
    type: RustPorts,
    name: "rust_ports",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: a CPU hotplug state with many instances",
    license: "GPL",
}

/// A port: an instance of the driver's state.
struct Port {
    name: char,
    queues: Atomic<i32>,
}

impl Port {
    fn new(name: char) -> Self {
        Self {
            name,
            queues: Atomic::new(0),
        }
    }

    /// Takes note of queues that came or went.
    fn change(&self, cpu: PossibleCpu, by: i32) {
        let queues = self.queues.fetch_add(by, Relaxed).wrapping_add(by);

        pr_info!("port {}: {queues} queues after CPU {cpu}\n", self.name);
    }
}

impl Prepare for Port {
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        // The CPU is about to come, or is up already when the port is added. An error would keep it
        // down, or the port from being added.
        self.change(cpu, 1);
        Ok(())
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        // Nothing runs on the CPU: whatever is left in its queue is ours.
        self.change(cpu.id(), -1);
    }
}

impl Unprepare for Port {
    fn unprepare(&self, cpu: PossibleCpu) {
        // The port goes, and the CPU goes on running: it might be using its queue.
        self.change(cpu, -1);
    }
}

/// Counts the CPUs that come. All of it is static, so the state takes no memory.
struct Arrivals {
    count: Atomic<u32>,
}

static ARRIVALS: Arrivals = Arrivals {
    count: Atomic::new(0),
};

impl Global for Arrivals {
    fn global() -> &'static Self {
        &ARRIVALS
    }
}

impl Online for Arrivals {
    fn online(&self, _cpu: &OnlineCpu<'_>) -> Result {
        self.count.add(1, Relaxed);
        Ok(())
    }
}

/// The module. Each port keeps the state that both are instances of.
#[pin_data(PinnedDrop)]
struct RustPorts {
    #[pin]
    first: Instance<PrepareCalls, Port>,
    #[pin]
    second: Instance<PrepareCalls, Port>,
    _arrivals: GlobalRegistration<OnlineNoCalls, Arrivals>,
}

impl kernel::InPlaceModule for RustPorts {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            // No CPU comes between the number and the state that counts from there on.
            let cpus = cpus_read_lock();
            pr_info!("{} CPUs are up\n", cpus.online().count());
            let arrivals = GlobalRegistration::new_cpuslocked(c"rust_ports:online", &cpus)?;
            drop(cpus);

            let ports = Arc::new(MultiRegistration::new(c"rust_ports:prepare")?, GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                first <- Instance::add(ports.clone(), Port::new('a')),
                second <- Instance::add(ports, Port::new('b')),
                _arrivals: arrivals,
            }? Error))
        })
    }
}

#[pinned_drop]
impl PinnedDrop for RustPorts {
    fn drop(self: Pin<&mut Self>) {
        pr_info!("{} CPUs came\n", ARRIVALS.count.load(Relaxed));
    }
}
