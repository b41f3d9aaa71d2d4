// SPDX-License-Identifier: GPL-2.0

//! What measures requests of each disk, which end as a test says.

use core::ops::Deref;
use std::sync::Mutex;

use kernel::{
    alloc::{
        allocate,
        Flags, //
    },
    error::{
        code::{
            EBUSY,
            ENOENT, //
        },
        Result, //
    },
    sync::Arc, //
};

use super::{
    Lengths,
    ProbeData,
    Since, //
};

/// Counts how long requests took, for each disk and for all together.
pub struct DiskLatencies {
    all: Lengths,
    disks: Mutex<Vec<(usize, Arc<Lengths>)>>,
}

impl DiskLatencies {
    pub const TABLE_SIZE: usize = 8192;

    pub fn new(_: Since, flags: Flags) -> Result<Arc<Self>> {
        let latencies = Self {
            all: Lengths::new(flags)?,
            disks: Mutex::new(Vec::new()),
        };
        Ok(Arc::new(latencies, flags)?)
    }

    pub fn insert(&self, disk: usize, lengths: Arc<Lengths>) -> Result {
        allocate()?;
        let mut disks = self.disks.lock().expect("nobody panicked");
        if disks.iter().any(|(one, _)| *one == disk) {
            return Err(EBUSY);
        }
        disks.push((disk, lengths));
        Ok(())
    }

    pub fn remove(&self, disk: usize) -> Result<Arc<Lengths>> {
        let mut disks = self.disks.lock().expect("nobody panicked");
        let place = disks.iter().position(|(one, _)| *one == disk);
        Ok(disks.remove(place.ok_or(ENOENT)?).1)
    }
}

impl Deref for DiskLatencies {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.all
    }
}

impl ProbeData for Arc<DiskLatencies> {
    /// Counts a request of each disk.
    fn probe(&self) {
        for (_, lengths) in self.disks.lock().expect("nobody panicked").iter() {
            self.count();
            lengths.count();
        }
    }
}
