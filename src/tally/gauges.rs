// SPDX-License-Identifier: GPL-2.0

//! Records of numbers that are looked up and not counted.
//!
//! CPUs have no copies of them, so these records are alike in both files.

use kernel::fmt;
use kernel_ext::{
    cpu::CpusReadGuard,
    cpumask, //
};

/// Describes a record of gauges: its header, and its keys with their values.
pub(crate) trait Gauges {
    /// Writes the line that opens the record.
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Calls `f` with each key and its value, in the order of the file.
    fn for_each(&self, cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static str, u64));
}

/// Tells how many CPUs there are, in the record `Cpus`.
pub(crate) struct Cpus;

impl Gauges for Cpus {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cpus")
    }

    fn for_each(&self, _cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static str, u64)) {
        f("possible", cpumask::possible().weight().into());
        f("present", cpumask::present().weight().into());
        f("online", cpumask::online().weight().into());
        f("active", cpumask::active().weight().into());
    }
}
