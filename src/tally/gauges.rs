// SPDX-License-Identifier: GPL-2.0

//! Blocks of numbers of which CPUs have no copies: they are alike in both files.

use kernel::fmt;
use kernel_ext::{
    cpu::CpusReadGuard,
    cpumask, //
};

/// Such a block.
pub(crate) trait Facts {
    /// Writes the line that opens the block.
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Tells each key and its value, in the order of the file.
    fn keys(&self, cpus: &CpusReadGuard, to: &mut dyn FnMut(&'static str, u64));
}

/// The line that opens a block of facts.
pub(crate) struct Header<'a>(pub(crate) &'a dyn Facts);

impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.header(f)
    }
}

/// The block `Cpus`: how many CPUs there are.
pub(crate) struct Cpus;

impl Facts for Cpus {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cpus")
    }

    fn keys(&self, _cpus: &CpusReadGuard, to: &mut dyn FnMut(&'static str, u64)) {
        to("possible", cpumask::possible().weight().into());
        to("present", cpumask::present().weight().into());
        to("online", cpumask::online().weight().into());
        to("active", cpumask::active().weight().into());
    }
}
