// SPDX-License-Identifier: GPL-2.0

//! The pages of the manual: what `--help` says, as man(1) shows it.

use std::{fs, path::Path};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::{Result, cli::Cli};

/// Writes tally.1 and a page for each command, as tally-show.1, into a directory.
pub(crate) fn write(directory: &Path) -> Result<()> {
    let mut program = Cli::command().disable_help_subcommand(true);
    // Commands get the options that all of them have, and names with the program's in front.
    program.build();
    page(directory, &program)?;
    for command in program.get_subcommands().filter(|one| !one.is_hide_set()) {
        page(directory, command)?;
    }
    Ok(())
}

/// Writes one page.
fn page(directory: &Path, command: &Command) -> Result<()> {
    let man = Man::new(command.clone())
        .manual("tally")
        .source("tally")
        // In the place of a date, which would be that of the build.
        .date(concat!("tally ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    man.render(&mut text)?;
    fs::write(directory.join(man.get_filename()), text)?;
    Ok(())
}
