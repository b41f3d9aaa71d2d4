// SPDX-License-Identifier: GPL-2.0

//! `tally list`: all events, handlers and latencies, and what becomes of them.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use tally_procfs::{Name, Snapshot};

use crate::{
    Result,
    cli::List,
    failure::{Failure, say},
    glob,
    machine::{LATENCY, Machine, hides_events},
    tracefs::Catalogue,
};

pub(crate) fn run(machine: &Machine, args: &List) -> Result<()> {
    let catalogue = machine.catalogue().map_err(|error| no_tracefs(&error))?;
    // Also without tally it is of use to see which events there are.
    let snapshot = match machine.read(false) {
        Ok(snapshot) => Some(snapshot),
        Err(error) => {
            say(Failure::from(error));
            None
        }
    };
    if snapshot.as_ref().is_some_and(hides_events) {
        say("which events are enabled is for those to see who have CAP_PERFMON");
    }
    let lines = lines(machine, &catalogue, snapshot.as_ref());
    let pattern = args.glob.as_deref().unwrap_or("*");
    let shown: Vec<&Line> = lines
        .iter()
        .filter(|line| glob::matches(pattern, &line.name))
        .collect();
    if shown.is_empty() {
        let names = catalogue.suggestions(pattern);
        let hint = if names.is_empty() {
            String::new()
        } else {
            format!("; there is {}", names.join(", "))
        };
        return Err(Failure::new(format_args!(
            "no event is like \"{pattern}\"{hint}"
        )));
    }
    print(&shown)
}

pub(crate) fn no_tracefs(error: &io::Error) -> Failure {
    let what = match error.kind() {
        io::ErrorKind::NotFound => {
            "tracefs, which knows all events, is not mounted: mount -t tracefs nodev /sys/kernel/tracing"
        }
        io::ErrorKind::PermissionDenied => {
            "tracefs, which knows all events, can be read by root alone"
        }
        _ => return Failure::new(format_args!("tracefs cannot be read: {error}")),
    };
    Failure::new(what)
}

/// What is said of an event.
struct Line {
    mark: char,
    name: String,
    note: String,
}

fn lines(machine: &Machine, catalogue: &Catalogue, snapshot: Option<&Snapshot>) -> Vec<Line> {
    let mut found: BTreeMap<String, Line> = BTreeMap::new();
    let events = catalogue
        .events()
        .iter()
        .map(|name| (name.clone(), catalogue.obstacle(name)));
    for (name, obstacle) in events.chain(machine.measurable()) {
        let (mark, note) = match obstacle {
            Some(why) => ('-', format!("cannot be counted: {why}")),
            None => (' ', String::new()),
        };
        found.insert(name.clone(), Line { mark, name, note });
    }
    for record in snapshot.map(Snapshot::records).unwrap_or_default() {
        let (name, parts) = match record.name() {
            Name::Latency(what) => (format!("{LATENCY}{what}"), vec![]),
            Name::Handler(handler) => (handler.to_string(), vec![]),
            Name::Event(event) => (event.to_string(), vec![event.to_string()]),
            Name::Time { begin, end } => (
                format!("{begin}..{end}"),
                vec![begin.to_string(), end.to_string()],
            ),
            _ => continue,
        };
        let (mark, note) = match parts.iter().find(|part| !catalogue.has(part)) {
            Some(absent) if parts.len() > 1 => ('+', format!("pending: {absent} is not there")),
            Some(_) => ('+', "pending: it is not there".into()),
            None => ('*', "enabled".into()),
        };
        found.insert(name.clone(), Line { mark, name, note });
    }
    found.into_values().collect()
}

fn print(lines: &[&Line]) -> Result<()> {
    // One name that is very long does not push all notes away.
    let width = lines
        .iter()
        .filter(|line| !line.note.is_empty())
        .map(|line| line.name.len().min(50))
        .max()
        .unwrap_or(0);
    let mut out = io::stdout().lock();
    for line in lines {
        let Line { mark, name, note } = line;
        writeln!(
            out,
            "{}",
            format!("{mark} {name:width$}  {note}").trim_end()
        )?;
    }
    Ok(out.flush()?)
}
