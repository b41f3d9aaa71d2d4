// SPDX-License-Identifier: GPL-2.0

//! The lines of the files, padded as mm/vmstat.c pads those of /proc/zoneinfo.

use kernel::seq_file::SeqFile;
use kernel_ext::{
    cpumask::PossibleCpu,
    seq_file::{
        put_decimal_ull,
        putc,
        write, //
    }, //
};

use crate::record::Key;

/// Prints a key with a total.
pub(super) fn total(m: &SeqFile, key: &Key, value: u64) {
    line(m, key.total(), value);
}

/// Prints the line that opens the part of a record that goes CPU by CPU.
pub(super) fn pagesets(m: &SeqFile) {
    write(m, b"  pagesets\n");
}

/// Prints the line that opens the section of a CPU.
pub(super) fn cpu(m: &SeqFile, cpu: PossibleCpu) {
    line(m, b"    cpu: ", cpu.as_u32().into());
}

/// Prints the line that opens the section of the CPUs that have gone, whose counts were folded.
pub(super) fn departed(m: &SeqFile) {
    write(m, b"    departed\n");
}

/// Prints a key with the value that it has in one section.
pub(super) fn slot(m: &SeqFile, key: &Key, value: u64) {
    line(m, key.slot(), value);
}

/// Prints a line that ends in a number.
fn line(m: &SeqFile, before: &[u8], value: u64) {
    write(m, before);
    put_decimal_ull(m, value);
    putc(m, b'\n');
}
