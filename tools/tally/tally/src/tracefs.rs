// SPDX-License-Identifier: GPL-2.0

//! Which events there are, by tracefs, and which of them tally cannot count.

mod defined;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use crate::glob;

/// Stands in front of the name of a function.
const FUNCTION: &str = "function:";

/// Lists all events of the machine.
pub(crate) struct Catalogue {
    /// Holds `system:event`, in order.
    events: BTreeSet<String>,
    /// Holds why those cannot be counted that somebody has defined.
    defined: BTreeMap<String, String>,
    /// Says where the functions are listed. They are many, and mostly nobody asks.
    listed: PathBuf,
    /// Holds `function:name` of each, once somebody has asked.
    functions: OnceCell<BTreeSet<String>>,
}

impl Catalogue {
    /// Reads what tracefs lists.
    pub(crate) fn read(tracefs: &Path) -> io::Result<Self> {
        let events = lines(tracefs.join("available_events"))?
            .into_iter()
            .collect();
        // A kernel without kprobes, uprobes and synthetic events has no such file.
        let defined = lines(tracefs.join("dynamic_events")).unwrap_or_default();
        Ok(Self {
            events,
            defined: defined
                .iter()
                .filter_map(|line| defined::obstacle(line))
                .collect(),
            listed: tracefs.join("available_filter_functions"),
            functions: OnceCell::new(),
        })
    }

    /// Returns all names, in order.
    pub(crate) fn events(&self) -> &BTreeSet<String> {
        &self.events
    }

    /// Returns whether there is an event of that name, or such functions. Where no functions are
    /// listed, those that are asked for are taken to be there.
    pub(crate) fn has(&self, event: &str) -> bool {
        if event.starts_with(FUNCTION) {
            let functions = self.functions();
            return functions.is_empty() || functions.contains(event);
        }
        self.events.contains(event)
    }

    /// Returns the names that a pattern may stand for: of events, or of functions.
    pub(crate) fn candidates(&self, pattern: &str) -> &BTreeSet<String> {
        if pattern.starts_with(FUNCTION) {
            self.functions()
        } else {
            &self.events
        }
    }

    /// Returns the names of all functions that have names without a dot.
    fn functions(&self) -> &BTreeSet<String> {
        self.functions.get_or_init(|| {
            let lines = lines(self.listed.clone()).unwrap_or_default();
            // Those of modules have the module's name behind theirs.
            let names = lines
                .iter()
                .filter_map(|line| line.split_whitespace().next());
            names
                .filter(|name| !name.contains('.'))
                .map(|name| format!("{FUNCTION}{name}"))
                .collect()
        })
    }

    /// Returns why tally cannot count an event, if it cannot.
    pub(crate) fn obstacle(&self, event: &str) -> Option<String> {
        if event == "benchmark:benchmark_event" {
            return Some("enabling it starts a thread that does nothing but pass it".into());
        }
        self.defined.get(event).cloned()
    }

    /// Returns the names that are most like one that is none.
    ///
    /// What was typed may have a letter wrong, or two exchanged, or be only a part.
    pub(crate) fn suggestions(&self, typed: &str) -> Vec<&str> {
        suggest(typed, self.events.iter().map(String::as_str))
    }
}

/// Returns up to three of some names that are like what was typed, the likest first.
pub(crate) fn suggest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .filter_map(|name| {
            let event = name.split_once(':').map_or(name, |(_, event)| event);
            let whole = strsim::normalized_damerau_levenshtein(&typed, name);
            let part = strsim::normalized_damerau_levenshtein(&typed, event);
            let mut score = whole.max(part);
            if typed.len() >= 4 && name.contains(&typed) {
                score = score.max(0.8);
            }
            (score >= 0.75).then_some((score, name))
        })
        .collect();
    // Where two are as like, in the order of their names.
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

fn lines(path: PathBuf) -> io::Result<Vec<String>> {
    Ok(fs::read_to_string(path)?
        .lines()
        .map(str::to_string)
        .collect())
}

/// Returns the names that a pattern stands for.
pub(crate) fn like<'a>(pattern: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    names.filter(|name| glob::matches(pattern, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = [
        "irq:softirq_entry",
        "irq:softirq_exit",
        "sched:sched_switch",
        "sched:sched_waking",
        "syscalls:sys_enter_read",
    ];

    #[test]
    fn nearly_right_names() {
        for (typed, wanted) in [
            ("sched:sched_swich", vec!["sched:sched_switch"]),
            ("sched:shced_switch", vec!["sched:sched_switch"]),
            ("sched_switch", vec!["sched:sched_switch"]),
            ("SCHED:SCHED_SWITCH", vec!["sched:sched_switch"]),
            ("softirq", vec!["irq:softirq_entry", "irq:softirq_exit"]),
            ("net:netif_rx", vec![]),
        ] {
            assert_eq!(suggest(typed, NAMES.into_iter()), wanted, "{typed}");
        }
    }
}
