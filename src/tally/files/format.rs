// SPDX-License-Identifier: GPL-2.0

//! The lines of the files, padded as mm/vmstat.c pads those of /proc/zoneinfo.

use kernel::{
    fmt::Arguments,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::cpumask::PossibleCpu;

/// Opens a block.
pub(super) fn header(m: &SeqFile, identity: Arguments<'_>) {
    seq_print!(m, "{identity}\n");
}

/// A key with a total.
pub(super) fn total(m: &SeqFile, key: &str, value: u64) {
    seq_print!(m, "      {key:<12} {value}\n");
}

/// Opens the part of a block that goes CPU by CPU.
pub(super) fn pagesets(m: &SeqFile) {
    seq_print!(m, "  pagesets\n");
}

/// Opens the section of a CPU.
pub(super) fn cpu(m: &SeqFile, cpu: PossibleCpu) {
    seq_print!(m, "    cpu: {cpu}\n");
}

/// Opens the section of the CPUs that went.
pub(super) fn departed(m: &SeqFile) {
    seq_print!(m, "    departed\n");
}

/// A key with the value of one section.
pub(super) fn slot(m: &SeqFile, key: &str, value: u64) {
    seq_print!(m, "              {key}: {value}\n");
}
