// SPDX-License-Identifier: GPL-2.0

//! tally: exact per-CPU counts of kernel events, in /proc/tally.
//!
//! This file brings the parts up in order. How data flows:
//!
//! - An event passes a tracepoint, whose probe adds to this CPU's slot ([`kernel`], [`zones`],
//!   [`disks`], [`dynamic`]).
//! - A CPU dies: the hotplug state's callback calls the chain, and each source of records folds that
//!   CPU's slots ([`hotplug`], [`record`]).
//! - A reader holds the hotplug lock, and adds up the slots of the online CPUs and what was folded
//!   ([`report`], [`files`]).
//! - A writer has events counted that are not from the beginning ([`dynamic`], which tells how).
//!
//! The files are in storeys: each imports from those below it alone, which `make lint` holds.
//!
//! ```text
//!  tally                                   what is there, in which order
//!  files                                   /proc/tally and /proc/tally_percpu
//!  kernel  zones  disks  group  dynamic    the sources of records
//!  report  hotplug                         what uses records: it prints them, it folds them
//!  record  gauges  limits                  what everything is made of
//! ```
//!
//! Other modules, with `--extern tally`, have counters of their own in the files ([`Group`]),
//! subscribe to the chain ([`hotplug::chain`]) and read the kernel's counters
//! ([`kernel::NR_SWITCHES`] and its like).

mod disks;
mod dynamic;
mod files;
mod gauges;
mod group;
pub mod hotplug;
pub mod kernel;
mod limits;
mod record;
mod report;
mod zones;

use ::kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    block,
    procfs, //
};

pub use self::group::Group;
pub use kernel_ext::counters;

use crate::{
    disks::{
        DiskProbes,
        Disks, //
    },
    dynamic::Control,
    files::File,
    gauges::Cpus,
    group::Groups,
    hotplug::{
        Hotplug,
        HotplugStats, //
    },
    kernel::{
        Kernel,
        KernelProbes, //
    },
    record::RecordSource,
    report::{
        Part,
        Report, //
    },
    zones::{
        ZoneProbes,
        Zones, //
    }, //
};

/// Defines the module. A parameter that is on or off is a `bool` where the `kernel` crate takes one.
macro_rules! define_module {
    ($flag:ident, $off:tt) => {
        module! {
            type: Tally,
            name: "tally",
            authors: ["The tally developers"],
            description: "Exact per-CPU event counts in /proc/tally",
            license: "GPL",
            params: {
                max_events: u32 {
                    default: 4096,
                    description: "Events that may be counted or waited for by writing to /proc/tally, 0 for none (default 4096)",
                },
                max_bytes: u64 {
                    default: 67108864,
                    description: "Bytes of per-CPU memory, of all possible CPUs together, and of tables of disks, for what is counted by writing to /proc/tally (default 67108864)",
                },
                events_public: $flag {
                    default: $off,
                    description: "Show the Event records to readers without CAP_PERFMON too (default N)",
                },
            },
        }
    };
}

#[cfg(not(linux_7_2))]
define_module!(bool, false);
#[cfg(linux_7_2)]
define_module!(u8, 0);

/// Holds all of the module. Fields are dropped in this order: first the files, so that nobody reads or
/// writes any more, then the probes, and last what keeps the counters exact.
#[pin_data]
struct Tally {
    #[pin]
    totals: procfs::Registration<File<Control>>,
    #[pin]
    percpu: procfs::Registration<File>,
    #[pin]
    kernel_probes: KernelProbes,
    #[pin]
    zone_probes: ZoneProbes,
    #[pin]
    disk_probes: DiskProbes,
    #[pin]
    disk_interface: block::Registration<Disks>,
    #[pin]
    measured_disks: block::Registration<dynamic::Disks>,
    #[pin]
    hotplug: Hotplug,
}

impl ::kernel::InPlaceModule for Tally {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let kernel = Arc::new(Kernel::new(), GFP_KERNEL)?;
            let zones = Arc::new(Zones::new()?, GFP_KERNEL)?;
            let disks = Arc::pin_init(Disks::new(), GFP_KERNEL)?;
            let groups = Arc::new(Groups, GFP_KERNEL)?;
            let control = Control::new(module)?;

            let sources: [Arc<dyn RecordSource>; 7] = [
                kernel.clone(),
                zones.clone(),
                disks.clone(),
                control.events(),
                control.times(),
                control.latencies(),
                groups.clone(),
            ];
            let hotplug_stats = Arc::new(HotplugStats::new(), GFP_KERNEL)?;
            let report = Report::new([
                Part::Tally,
                Part::Gauges(Arc::new(Cpus, GFP_KERNEL)?),
                Part::Public(kernel.clone()),
                Part::Public(zones.clone()),
                Part::Gauges(hotplug_stats.clone()),
                Part::Public(disks.clone()),
                Part::Perfmon(control.events()),
                Part::Perfmon(control.times()),
                Part::Perfmon(control.latencies()),
                Part::Public(groups),
            ])?;
            let report = Arc::new(report, GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                hotplug <- Hotplug::new(sources, hotplug_stats),
                kernel_probes <- KernelProbes::new(),
                zone_probes <- ZoneProbes::new(&zones),
                disk_interface <- block::Registration::new(disks.clone()),
                measured_disks <- block::Registration::new(control.disks()),
                disk_probes <- DiskProbes::new(&disks),
                totals <- procfs::Registration::with_control(
                    c"tally",
                    0o644,
                    File::totals(report.clone(), control),
                ),
                percpu <- procfs::Registration::new(c"tally_percpu", 0o444, File::percpu(report)),
            }? Error))
        })
    }
}
