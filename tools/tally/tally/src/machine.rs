// SPDX-License-Identifier: GPL-2.0

//! The files of the machine that the program reads and writes.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::PathBuf,
};

use tally_procfs::{Name, ReadError, Snapshot};

use crate::{cli::Places, tracefs::Catalogue};

/// Stands in front of the name of a latency.
pub(crate) const LATENCY: &str = "latency:";

/// Stand in front of the names of handlers: of softirqs, and of interrupt lines.
const SOFTIRQ: &str = "softirq:";
const INTERRUPT: &str = "interrupt:";

/// Names how long tasks wait to run.
const RUNQUEUE: &str = "runqueue";

/// Lists all latencies.
const LATENCIES: [&str; 5] = [
    "disk_issued",
    "disk_queued",
    "each_disk_issued",
    "each_disk_queued",
    RUNQUEUE,
];

/// Gives access to tally's files and to tracefs.
pub(crate) struct Machine {
    places: Places,
}

impl Machine {
    pub(crate) fn new(places: Places) -> Self {
        Self { places }
    }

    pub(crate) fn tally(&self) -> PathBuf {
        self.places.procfs.join("tally")
    }

    pub(crate) fn tally_percpu(&self) -> PathBuf {
        self.places.procfs.join("tally_percpu")
    }

    /// Reads /proc/tally, or /proc/tally_percpu.
    pub(crate) fn read(&self, percpu: bool) -> Result<Snapshot, ReadError> {
        Snapshot::read(if percpu {
            self.tally_percpu()
        } else {
            self.tally()
        })
    }

    /// Writes commands to /proc/tally, by one call of write(2), so that all are executed or none.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(self.tally())?;
        file.write(text.as_bytes()).map(|_| ())
    }

    /// Returns what tally measures besides events, as it is written: handlers and latencies. Each is
    /// with what keeps it from that on this machine, if anything does.
    pub(crate) fn measurable(&self) -> impl Iterator<Item = (String, Option<String>)> {
        // Each process has that file where tasks know how long they wait.
        let waits_are_known = self.places.procfs.join("self/schedstat").exists();
        let latencies = LATENCIES.into_iter().map(move |what| {
            let unknown = what == RUNQUEUE && !waits_are_known;
            let why = unknown.then(|| "this kernel has no CONFIG_SCHED_INFO".into());
            (format!("{LATENCY}{what}"), why)
        });
        let softirqs = self
            .first_words("softirqs")
            .map(|name| format!("{SOFTIRQ}{name}"));
        let lines = self
            .first_words("interrupts")
            .filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
            .map(|line| format!("{INTERRUPT}{line}"));
        softirqs
            .chain(lines)
            .map(|handler| (handler, None))
            .chain(latencies)
    }

    /// Returns what stands in front of the colons of a file's lines, in small letters.
    fn first_words(&self, file: &str) -> impl Iterator<Item = String> {
        let text = fs::read_to_string(self.places.procfs.join(file)).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(word, _)| word.trim().to_ascii_lowercase())
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Reads which events there are.
    pub(crate) fn catalogue(&self) -> io::Result<Catalogue> {
        Catalogue::read(&self.places.tracefs)
    }
}

/// Returns the events, pairs, handlers and latencies that are enabled, as they are written:
/// `system:event`, with two dots between them, `softirq:name`, and `latency:what`.
pub(crate) fn enabled(snapshot: &Snapshot) -> Vec<String> {
    snapshot
        .records()
        .iter()
        .filter_map(|record| match record.name() {
            Name::Event(event) => Some(event.to_string()),
            Name::Time { begin, end } => Some(format!("{begin}..{end}")),
            Name::Handler(handler) => Some(handler.to_string()),
            Name::Latency(what) => Some(format!("{LATENCY}{what}")),
            _ => None,
        })
        .collect()
}

/// Tells whether one of these is counted, and not measured.
pub(crate) fn is_event(name: &str) -> bool {
    let is_measured = [LATENCY, SOFTIRQ, INTERRUPT]
        .iter()
        .any(|kind| name.starts_with(kind));
    !is_measured && !name.contains("..")
}

/// Returns whether events are enabled of which this reader sees none.
pub(crate) fn hides_events(snapshot: &Snapshot) -> bool {
    enabled(snapshot).is_empty()
        && snapshot.records()[0]
            .total("events")
            .is_some_and(|events| events > 0)
}
