// SPDX-License-Identifier: GPL-2.0

//! What is counted: events that are enabled for as long as this lives.

use nix::errno::Errno;
use tally_procfs::{Name, Snapshot, advance};

use crate::{
    Result, control,
    failure::{Failure, say},
    glob,
    machine::{Machine, enabled, hides_events, is_event},
};

/// How much /proc/tally takes at once.
const PAGE: usize = 4096;

/// Holds what is counted, and removes again what it has added.
pub(super) struct Counted<'a> {
    machine: &'a Machine,
    /// What the output calls each of them.
    names: Vec<String>,
    /// The header and the key of each.
    places: Vec<(String, String)>,
    added: Vec<String>,
}

impl<'a> Counted<'a> {
    /// Enables events that are not enabled yet. Without any it is what tally counts by itself.
    pub(super) fn enable(machine: &'a Machine, words: &[String]) -> Result<Self> {
        let before = machine.read(false)?;
        let mut found = Self {
            machine,
            names: Vec::new(),
            places: Vec::new(),
            added: Vec::new(),
        };
        if words.is_empty() {
            found.take_builtin(&before);
            return Ok(found);
        }
        let is_measured = |word: &&String| !is_event(word.trim_start_matches('+'));
        if let Some(word) = words.iter().find(is_measured) {
            return Err(Failure::new(format_args!(
                "{word}: stat counts events; \"tally add\" has times measured, and \"tally show\" shows them"
            )));
        }
        let already = enabled(&before);
        let result = words
            .iter()
            .filter(|word| {
                !already
                    .iter()
                    .any(|one| one == word.trim_start_matches('+'))
            })
            .try_for_each(|word| control::add_unless_enabled(machine, word));
        // Also if one of them was refused: others may have been added before it.
        let after = machine.read(false)?;
        found.added = enabled(&after)
            .into_iter()
            .filter(|name| {
                !already.contains(name) && words.iter().any(|word| stands_for(word, name))
            })
            .collect();
        result?;
        if hides_events(&after) {
            return Err(Failure::new(
                "events are for those to see who have CAP_PERFMON",
            ));
        }
        found.take_events(&after, words);
        Ok(found)
    }

    fn take_builtin(&mut self, snapshot: &Snapshot) {
        for record in snapshot.records() {
            if matches!(record.name(), Name::Kernel | Name::Zones) {
                for (key, total) in record.totals() {
                    // Most machines have no pages in most types of zones.
                    if total > 0 {
                        self.names.push(key.into());
                        self.places.push((record.name().to_string(), key.into()));
                    }
                }
            }
        }
    }

    /// In the order of the words, and those of a glob in that of the file.
    fn take_events(&mut self, snapshot: &Snapshot, words: &[String]) {
        let events = enabled(snapshot);
        for word in words {
            for name in events.iter().filter(|name| stands_for(word, name)) {
                if !self.names.contains(name) {
                    self.names.push(name.clone());
                    self.places.push((format!("Event {name}"), "count".into()));
                }
            }
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns how far each count came; nothing for one that is not counted any more.
    pub(super) fn deltas(&self, before: &Snapshot, after: &Snapshot) -> Vec<Option<u64>> {
        let same = before.is_of_same_load(after);
        let delta = |(header, key): &(String, String)| {
            let (from, to) = (before.total(header, key)?, after.total(header, key)?);
            same.then(|| advance(from, to))
        };
        self.places.iter().map(delta).collect()
    }

    /// Removes some events. Whichever somebody else has removed is gone already.
    fn remove(&self, names: &[String]) {
        let text: Vec<String> = names.iter().map(|name| format!("!{name}")).collect();
        let Err(error) = self.machine.write(&text.join("\n")) else {
            return;
        };
        match names {
            [_] if error.raw_os_error() == Some(Errno::ENOENT as i32) => {}
            [name] => say(format_args!("{name} stays enabled: {error}")),
            _ => names.chunks(1).for_each(|name| self.remove(name)),
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut rest = self.added.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|name| {
                bytes += name.len() + 2;
                bytes <= PAGE
            });
            let (some, others) = rest.split_at(fits.count().max(1));
            self.remove(some);
            rest = others;
        }
    }
}

fn stands_for(word: &str, name: &str) -> bool {
    is_event(name) && glob::matches(word.trim_start_matches('+'), name)
}
