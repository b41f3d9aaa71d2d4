// SPDX-License-Identifier: GPL-2.0

//! What a shell completes: clap knows commands and options, tracefs and tally know names.

use std::{
    env,
    ffi::OsStr,
    io::{self, Write},
    path::PathBuf,
};

use clap_complete::{
    engine::CompletionCandidate,
    env::{EnvCompleter, Fish, Zsh},
};

use crate::{
    Result,
    cli::{PROCFS, Places, Shell, TRACEFS},
    machine::{Machine, enabled as enabled_events},
};

/// Tells the program that a shell asks it, and which.
const ASKED_BY: &str = "COMPLETE";

/// bash splits words at colons, as names of events have. What clap has for it does not put them
/// together again.
const BASH: &str = include_str!("completion.bash");

pub(crate) fn print(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    match shell {
        Shell::Bash => script.extend(BASH.bytes()),
        Shell::Zsh => Zsh.write_registration(ASKED_BY, "tally", "tally", "tally", &mut script)?,
        Shell::Fish => Fish.write_registration(ASKED_BY, "tally", "tally", "tally", &mut script)?,
    }
    Ok(io::stdout().write_all(&script)?)
}

/// The options of the command line that is completed are not known here, so where files are comes
/// from the environment.
fn machine() -> Machine {
    let place = |(variable, path): (&str, &str)| {
        env::var_os(variable).map_or_else(|| PathBuf::from(path), PathBuf::from)
    };
    Machine::new(Places {
        procfs: place(PROCFS),
        tracefs: place(TRACEFS),
    })
}

/// Completes the name of what can be counted or measured.
pub(crate) fn available(typed: &OsStr) -> Vec<CompletionCandidate> {
    let machine = machine();
    let Ok(catalogue) = machine.catalogue() else {
        return Vec::new();
    };
    let events = catalogue
        .events()
        .iter()
        .filter(|name| catalogue.obstacle(name).is_none());
    let others: Vec<String> = machine
        .measurable()
        .filter(|(_, obstacle)| obstacle.is_none())
        .map(|(name, _)| name)
        .collect();
    complete(typed, events.chain(&others).map(String::as_str))
}

/// Completes the name of an event, or of a pair, that is enabled.
pub(crate) fn enabled(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(snapshot) = machine().read(false) else {
        return Vec::new();
    };
    let names = enabled_events(&snapshot);
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    names
        .iter()
        .filter(|name| name.starts_with(typed))
        .map(CompletionCandidate::new)
        .collect()
}

/// Completes what may be shown.
pub(crate) fn shown(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(snapshot) = machine().read(false) else {
        return Vec::new();
    };
    let names = crate::show::names(&snapshot);
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    // Headers have blanks, which would have to be quoted: their names do as well.
    names
        .iter()
        .filter(|name| name.starts_with(typed) && !name.contains(' '))
        .map(CompletionCandidate::new)
        .collect()
}

/// Completes the last of the names in a word: behind a comma, two dots, a plus.
fn complete<'a>(typed: &OsStr, names: impl Iterator<Item = &'a str>) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let ends = [
        typed.rfind(',').map(|at| at + 1),
        typed.rfind("..").map(|at| at + 2),
    ];
    let start = ends.into_iter().flatten().max().unwrap_or(0);
    let start = start + usize::from(typed[start..].starts_with('+'));
    let (before, name) = typed.split_at(start);
    names
        .filter(|one| one.starts_with(name))
        .map(|one| CompletionCandidate::new(format!("{before}{one}")))
        .collect()
}
