// SPDX-License-Identifier: GPL-2.0

//! Records of numbers that are looked up and not counted.
//!
//! CPUs have no copies of them, so these records are alike in both files.

use kernel_ext::{
    cpu::CpusReadGuard,
    cpumask, //
};

use crate::record::{
    key,
    Key, //
};

/// Describes a record of gauges: its header, and its keys with their values.
pub(crate) trait Gauges {
    /// Returns the line that opens the record, with its newline.
    fn header(&self) -> &[u8];

    /// Calls `f` with each key and its value, in the order of the file.
    fn for_each(&self, cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static Key, u64));
}

/// Tells how many CPUs there are, in the record `Cpus`.
pub(crate) struct Cpus;

impl Gauges for Cpus {
    fn header(&self) -> &[u8] {
        b"Cpus\n"
    }

    fn for_each(&self, _cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static Key, u64)) {
        f(key!("possible"), cpumask::possible().weight().into());
        f(key!("present"), cpumask::present().weight().into());
        f(key!("online"), cpumask::online().weight().into());
        f(key!("active"), cpumask::active().weight().into());
    }
}
