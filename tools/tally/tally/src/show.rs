// SPDX-License-Identifier: GPL-2.0

//! `tally show`: the file as a table or as JSON, once or again and again.

mod json;
mod select;
mod table;

use std::{
    io::{self, IsTerminal, Write},
    thread,
    time::{Duration, Instant, SystemTime},
};

use tally_procfs::{Kind, Snapshot, advance};

use crate::{
    Result,
    cli::Show,
    failure::{Failure, say},
    machine::{Machine, hides_events},
};

pub(crate) fn run(machine: &Machine, args: &Show) -> Result<()> {
    let mut before: Option<Sample> = None;
    let mut taken = 0;
    loop {
        let sample = Sample::take(machine, args.percpu)?;
        taken += 1;
        let before_it = before
            .as_ref()
            .filter(|one| one.snapshot.is_of_same_load(&sample.snapshot));
        if before.is_some() && before_it.is_none() {
            say("tally was loaded anew: all counts begin at zero");
        }
        let shown = select::select(&sample.snapshot, args.pattern.as_deref());
        if shown.is_empty() && args.watch.is_none() {
            return Err(nothing(
                &sample.snapshot,
                args.pattern.as_deref().unwrap_or_default(),
            ));
        }
        let rates = before_it.map(|before| Rates {
            before,
            after: &sample,
        });
        let text = if args.json {
            json::render(&sample, &shown, rates.as_ref())
        } else {
            table::render(&shown, rates.as_ref(), args)
        };
        show(&text, args)?;
        let Some(seconds) = args.watch else {
            return Ok(());
        };
        if args.times == Some(taken) {
            return Ok(());
        }
        // As far from the last one, however long it took.
        let next = sample.at + Duration::from_secs_f64(seconds);
        before = Some(sample);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// Prints one of possibly many pictures.
fn show(text: &str, args: &Show) -> Result<()> {
    let mut out = io::stdout().lock();
    if args.watch.is_some() && !args.json {
        if out.is_terminal() {
            // To the corner, and all that is there goes.
            write!(out, "\x1b[H\x1b[2J")?;
        }
        out.write_all(text.as_bytes())?;
        if !out.is_terminal() {
            writeln!(out)?;
        }
    } else {
        out.write_all(text.as_bytes())?;
    }
    Ok(out.flush()?)
}

/// Returns everything as JSON, with what each CPU counted.
pub(crate) fn document(machine: &Machine) -> Result<String> {
    let sample = Sample::take(machine, true)?;
    let shown = select::select(&sample.snapshot, None);
    Ok(json::render(&sample, &shown, None))
}

/// Returns what a pattern may be like.
pub(crate) fn names(snapshot: &Snapshot) -> Vec<String> {
    select::names(snapshot)
}

fn nothing(snapshot: &Snapshot, pattern: &str) -> Failure {
    let mut text = format!("no record and no key is like \"{pattern}\"");
    if hides_events(snapshot) {
        text += "; records of events are for those to see who have CAP_PERFMON";
    }
    let names = select::names(snapshot);
    let like = crate::tracefs::suggest(pattern, names.iter().map(String::as_str));
    if !like.is_empty() {
        text += &format!("; there is {}", like.join(", "));
    }
    Failure::Said(text)
}

/// A file, and when it was read.
struct Sample {
    snapshot: Snapshot,
    at: Instant,
    wall: SystemTime,
}

impl Sample {
    fn take(machine: &Machine, percpu: bool) -> Result<Self> {
        let snapshot = machine.read(percpu)?;
        Ok(Self {
            snapshot,
            at: Instant::now(),
            wall: SystemTime::now(),
        })
    }
}

/// How fast counts grow between two samples.
struct Rates<'a> {
    before: &'a Sample,
    after: &'a Sample,
}

impl Rates<'_> {
    /// Returns how much a count has grown each second; nothing for what is no count, or was not
    /// there before.
    fn per_second(&self, header: &str, key: &str, kind: Kind, total: u64) -> Option<f64> {
        if kind != Kind::Count {
            return None;
        }
        let before = self.before.snapshot.total(header, key)?;
        let seconds = self.after.at.duration_since(self.before.at).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate is no exact number")]
        let grown = advance(before, total) as f64;
        (seconds > 0.0).then(|| grown / seconds)
    }
}
