// SPDX-License-Identifier: GPL-2.0

//! tally: exact per-CPU counts of kernel events, in /proc/tally.
//!
//! This file brings the parts up in order. How data flows:
//!
//! - An event passes a tracepoint, whose probe adds to this CPU's slot ([`kernel`], [`zones`],
//!   [`disks`]).
//! - A CPU dies: the hotplug state tells the chain, and each group folds that CPU's slots into
//!   `departed` ([`hotplug`], [`record`]).
//! - A reader holds the hotplug lock and sums the slots of the online CPUs and `departed`
//!   ([`report`]).
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
    block::DiskInterface,
    procfs::SeqEntry, //
};

pub use self::group::Group;
pub use kernel_ext::counters;

use crate::{
    disks::{
        DiskProbes,
        Disks, //
    },
    dynamic::{
        Blocks,
        Chosen,
        Control,
        Events,
        Times, //
    },
    files::File,
    gauges::Cpus,
    group::Groups,
    hotplug::{
        Calls,
        Hotplug, //
    },
    kernel::{
        Kernel,
        KernelProbes, //
    },
    report::{
        Part,
        Report, //
    },
    zones::{
        ZoneProbes,
        Zones, //
    }, //
};

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
            description: "Bytes of per-CPU memory, of all possible CPUs together, for what others choose to count (default 67108864)",
        },
        events_public: bool {
            default: false,
            description: "Show the Event blocks to readers without CAP_PERFMON too (default N)",
        },
    },
}

/// The module. Fields are dropped in this order: readers go first, then what counts, and last
/// what keeps the counts exact.
#[pin_data]
struct Tally {
    #[pin]
    totals: SeqEntry<File<Control>>,
    #[pin]
    percpu: SeqEntry<File>,
    #[pin]
    kernel_probes: KernelProbes,
    #[pin]
    zone_probes: ZoneProbes,
    #[pin]
    disk_probes: DiskProbes,
    #[pin]
    disk_interface: DiskInterface<Disks>,
    #[pin]
    hotplug: Hotplug,
}

impl ::kernel::InPlaceModule for Tally {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let kernel = Arc::new(Kernel::new(), GFP_KERNEL)?;
            let zones = Arc::new(Zones::new()?, GFP_KERNEL)?;
            let disks = Arc::pin_init(Disks::new(), GFP_KERNEL)?;
            let events = Arc::pin_init(Blocks::new(Events::new()?, module), GFP_KERNEL)?;
            let times = Arc::pin_init(Blocks::new(Times, module), GFP_KERNEL)?;
            let others = Arc::new(Groups, GFP_KERNEL)?;

            let groups: [Arc<dyn record::Group>; 6] = [
                kernel.clone(),
                zones.clone(),
                disks.clone(),
                events.clone(),
                times.clone(),
                others.clone(),
            ];
            let calls = Arc::new(Calls::new(), GFP_KERNEL)?;
            let report = Report::new([
                Part::Tally,
                Part::Facts(Arc::new(Cpus, GFP_KERNEL)?),
                Part::Counters(kernel.clone()),
                Part::Counters(zones.clone()),
                Part::Facts(calls.clone()),
                Part::Counters(disks.clone()),
                Part::Counters(events.clone()),
                Part::Counters(times.clone()),
                Part::Counters(others),
            ])?;
            let report = Arc::new(report, GFP_KERNEL)?;
            let chosen = KBox::pin_init(Chosen::new(events, times), GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                hotplug <- Hotplug::new(groups, calls),
                kernel_probes <- KernelProbes::new(),
                zone_probes <- ZoneProbes::new(&zones),
                disk_interface <- DiskInterface::new(disks.clone()),
                disk_probes <- DiskProbes::new(&disks),
                totals <- SeqEntry::with_control(
                    c"tally",
                    0o644,
                    File::totals(report.clone(), Control::new(chosen)),
                ),
                percpu <- SeqEntry::new(c"tally_percpu", 0o444, File::percpu(report)),
            }? Error))
        })
    }
}
