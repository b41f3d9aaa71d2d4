// SPDX-License-Identifier: GPL-2.0

//! Test module: keeps what reads the times of each disk, and says whether it still does when the disk goes.
//!
//! Nothing here is `unsafe`, and nothing is ever given up before the module goes.

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    block::{
        AddedDisk,
        DiskRef,
        DiskWatcher,
        Registration,
        StatTimes, //
    },
    cpumask,
    disk_watcher_cell, //
};

module! {
    type: DiskTest,
    name: "disk_test",
    authors: ["The tally developers"],
    description: "Test of kernel_ext::block::StatTimes: it is kept for longer than its disk",
    license: "GPL",
}

/// Holds what was ever kept, beside the numbers of the disks.
#[pin_data]
struct Keeper {
    #[pin]
    kept: Mutex<KVec<(u32, Arc<StatTimes>)>>,
}

impl Keeper {
    /// Returns how many of a disk's read, on how many CPUs, all together.
    fn readable(&self, devt: u32) -> usize {
        let kept = self.kept.lock();

        kept.iter()
            .filter(|(of, _)| *of == devt)
            .flat_map(|(_, times)| cpumask::possible().iter().map(|cpu| times.read(cpu)))
            .filter(|times| times.is_some())
            .count()
    }
}

disk_watcher_cell!(Keeper);

impl DiskWatcher for Keeper {
    fn added(&self, disk: AddedDisk<'_>) {
        // Two of them, as none is the only one.
        for _ in 0..2 {
            let Ok(times) = disk.stat_times() else {
                continue;
            };
            let _ = self.kept.lock().push((disk.devt(), times), GFP_KERNEL);
        }
        pr_info!("{} comes: {}\n", disk.name(), self.readable(disk.devt()));
    }

    fn removed(&self, disk: DiskRef<'_>) {
        pr_info!("{} goes: {}\n", disk.name(), self.readable(disk.devt()));
    }
}

struct DiskTest(Pin<KBox<Registration<Keeper>>>);

impl kernel::Module for DiskTest {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let keeper = Arc::pin_init(
            pin_init!(Keeper {
                kept <- new_mutex!(KVec::new()),
            }),
            GFP_KERNEL,
        )?;

        Ok(Self(KBox::pin_init(Registration::new(keeper), GFP_KERNEL)?))
    }
}
