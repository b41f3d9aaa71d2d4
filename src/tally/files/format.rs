// SPDX-License-Identifier: GPL-2.0

//! The lines of the files, padded as mm/vmstat.c pads those of /proc/zoneinfo.

use kernel::{
    fmt,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::cpumask::PossibleCpu;

/// Lets a function display it.
struct DisplayFn<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for DisplayFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Prints the line that opens a record, which `write` writes.
pub(super) fn header(m: &SeqFile, write: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result) {
    seq_print!(m, "{}\n", DisplayFn(write));
}

/// Prints a key with a total.
pub(super) fn total(m: &SeqFile, key: &str, value: u64) {
    seq_print!(m, "      {key:<12} {value}\n");
}

/// Prints the line that opens the part of a record that goes CPU by CPU.
pub(super) fn pagesets(m: &SeqFile) {
    seq_print!(m, "  pagesets\n");
}

/// Prints the line that opens the section of a CPU.
pub(super) fn cpu(m: &SeqFile, cpu: PossibleCpu) {
    seq_print!(m, "    cpu: {cpu}\n");
}

/// Prints the line that opens the section of the CPUs that have gone, whose counts were folded.
pub(super) fn departed(m: &SeqFile) {
    seq_print!(m, "    departed\n");
}

/// Prints a key with the value that it has in one section.
pub(super) fn slot(m: &SeqFile, key: &str, value: u64) {
    seq_print!(m, "              {key}: {value}\n");
}
