// SPDX-License-Identifier: GPL-2.0

//! `tally stat`: what happens while a command runs.

mod child;
mod counted;
mod print;

use std::{
    fs::File,
    io::{self, Write},
    process::ExitCode,
};

use crate::{
    Result,
    cli::Stat,
    failure::{Failure, say},
    machine::Machine,
};
use child::{Ended, Signals};
use counted::Counted;
use print::Series;

/// The exit status when tally cannot count, as `env` and `timeout` have it.
const CANNOT_COUNT: u8 = 125;

pub(crate) fn run(machine: &Machine, args: &Stat) -> ExitCode {
    match count(machine, args) {
        Ok(ended) => ended.pass_on(),
        Err(failure) => {
            failure.report();
            ExitCode::from(CANNOT_COUNT)
        }
    }
}

/// Runs the command, prints what was counted, and returns how the last run ended.
fn count(machine: &Machine, args: &Stat) -> Result<Ended> {
    // Opened at once, so that nothing is run for a file that cannot be written.
    let output = match &args.output {
        Some(path) => Some(
            File::create(path)
                .map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))?,
        ),
        None => None,
    };
    // From here on a signal ends the command, and not this program before it has cleaned up.
    let signals = Signals::watch()
        .map_err(|error| Failure::new(format_args!("signals cannot be watched: {error}")))?;
    let counted = Counted::enable(machine, &args.events)?;
    let mut series = Series::new(counted.names().to_vec());
    let mut last = Ended::Code(0);
    for _ in 0..args.repeat {
        let before = machine.read(false)?;
        let (ended, usage) = match child::run(&args.command, &signals) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Ended::Signal(signals.came().unwrap_or(0))),
            Err(cannot_run) => {
                say(cannot_run.to_string());
                return Ok(cannot_run.ended());
            }
        };
        let after = machine.read(false)?;
        series.add(counted.deltas(&before, &after), &usage);
        last = ended;
        if signals.came().is_some() {
            break;
        }
    }
    let text = match &args.field_separator {
        Some(separator) => series.fields(separator),
        None => series.table(),
    };
    match output {
        Some(mut file) => file.write_all(text.as_bytes())?,
        None => io::stderr().write_all(text.as_bytes())?,
    }
    Ok(last)
}
