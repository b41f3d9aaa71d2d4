// SPDX-License-Identifier: GPL-2.0

//! A file for the textfile collector of node_exporter.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
};

use super::{Exporter, family::Format};
use crate::{Result, failure::Failure};

/// Writes the file: whoever reads it finds the old one or the new one, whole.
///
/// Without tally that says so too, and the command fails.
pub(super) fn write(exporter: &Exporter, path: &Path) -> Result<()> {
    let exported = exporter.export(Format::Text);
    replace(path, exported.text.as_bytes())
        .map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))?;
    exported
        .problem
        .map_or(Ok(()), |problem| Err(Failure::Said(problem)))
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = beside(path)?;
    let written = write_new(&new, text).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// Returns a path in the same directory, which the collector passes over: it reads `*.prom`.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "that is no name of a file"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", process::id()));
    Ok(path.with_file_name(hidden))
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    // Of a run that was killed and had the same number.
    let _ = fs::remove_file(path);
    // Others than the owner read it.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open(path)?;
    file.write_all(text)?;
    file.sync_all()
}
