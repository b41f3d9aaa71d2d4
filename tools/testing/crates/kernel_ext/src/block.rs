// SPDX-License-Identifier: GPL-2.0

//! Disks, which come and go as a test says.

use core::{
    ffi::CStr,
    ops::Deref, //
};

/// Refers to a disk.
#[derive(Clone, Copy)]
pub struct DiskRef<'a> {
    addr: usize,
    name: &'a CStr,
}

impl<'a> DiskRef<'a> {
    /// Makes a disk with an address, which no other has.
    pub fn new(addr: usize, name: &'a CStr) -> Self {
        Self { addr, name }
    }

    pub fn addr(self) -> usize {
        self.addr
    }

    pub fn name(self) -> &'a CStr {
        self.name
    }
}

/// Refers to a disk that comes.
#[derive(Clone, Copy)]
pub struct AddedDisk<'a>(pub DiskRef<'a>);

impl<'a> Deref for AddedDisk<'a> {
    type Target = DiskRef<'a>;

    fn deref(&self) -> &DiskRef<'a> {
        &self.0
    }
}

/// Hears of disks that come and go. Tests tell it.
pub trait DiskWatcher: Send + Sync + 'static {
    fn added(&self, disk: AddedDisk<'_>);

    fn removed(&self, disk: DiskRef<'_>);
}

/// Does what the kernel needs of a type that is a watcher: nothing here.
#[macro_export]
macro_rules! disk_watcher_cell {
    ($watcher:ty) => {};
}
