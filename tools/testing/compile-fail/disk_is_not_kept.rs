// SPDX-License-Identifier: GPL-2.0

//! A disk that comes gives what may be kept of it while its watcher is told, and not when it has gone.
//! error: borrowed data escapes outside of method

use kernel::prelude::*;
use kernel_ext::{
    block::{
        AddedDisk,
        DiskRef,
        DiskWatcher, //
    },
    disk_watcher_cell, //
};

fn keep(_disk: AddedDisk<'static>) {}

struct Keeper;

disk_watcher_cell!(Keeper);

impl DiskWatcher for Keeper {
    fn added(&self, disk: AddedDisk<'_>) {
        keep(disk);
    }

    fn removed(&self, _disk: DiskRef<'_>) {}
}
