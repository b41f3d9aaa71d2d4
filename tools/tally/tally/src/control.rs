// SPDX-License-Identifier: GPL-2.0

//! What is written to /proc/tally, and in words why it was refused.

use std::{
    fs,
    io::{self, ErrorKind},
};

use nix::errno::Errno;
use tally_procfs::EventName;

use crate::{
    Result,
    failure::Failure,
    glob,
    machine::{Machine, enabled},
    tracefs::{self, Catalogue},
};

/// Has events counted.
pub(crate) fn add(machine: &Machine, words: &[String]) -> Result<()> {
    write(machine, words, Verb::Add)
}

/// Has events counted no longer.
pub(crate) fn remove(machine: &Machine, words: &[String]) -> Result<()> {
    write(machine, words, Verb::Remove)
}

/// Has an event counted, or those that a glob stands for, unless they are.
pub(crate) fn add_unless_enabled(machine: &Machine, word: &str) -> Result<()> {
    if !is_understood(word, Verb::Add) {
        return Err(not_understood(machine, word));
    }
    match machine.write(word) {
        Err(error) if error.raw_os_error() == Some(Errno::EEXIST as i32) => Ok(()),
        Err(error) => Err(explain(machine, &[word.into()], Verb::Add, &error)),
        Ok(()) => Ok(()),
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Verb {
    Add,
    Remove,
}

fn write(machine: &Machine, words: &[String], verb: Verb) -> Result<()> {
    for word in words {
        if !is_understood(word, verb) {
            return Err(not_understood(machine, word));
        }
    }
    let mark = if verb == Verb::Remove { "!" } else { "" };
    let lines: Vec<String> = words.iter().map(|word| format!("{mark}{word}")).collect();
    machine
        .write(&lines.join("\n"))
        .map_err(|error| explain(machine, words, verb, &error))
}

/// Tells whether a word is one of those that /proc/tally takes.
fn is_understood(word: &str, verb: Verb) -> bool {
    let name = match word.strip_prefix('+') {
        Some(name) if verb == Verb::Add => name,
        Some(_) => return false,
        None => word,
    };
    if let Some((begin, end)) = name.split_once("..") {
        return EventName::parse(begin).is_some() && EventName::parse(end).is_some();
    }
    let is_pattern = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-*?[]!".contains(&byte))
            && !part.starts_with('!')
    };
    let is_pair = |name: &str| {
        name.split_once(':')
            .is_some_and(|(system, event)| is_pattern(system) && is_pattern(event))
    };
    is_pair(name) && (name == word || !glob::is_glob(name))
}

fn not_understood(machine: &Machine, word: &str) -> Failure {
    let mut text = format!(
        "\"{word}\" is no event: events are called system:event, as in \"tally list\", and the \
         time from one to another is first:event..second:event"
    );
    if let Ok(catalogue) = machine.catalogue() {
        text += &did_you_mean(&catalogue.suggestions(word));
    }
    Failure::Said(text)
}

fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("; is it {one}?"),
        [most @ .., last] => format!("; is it {} or {last}?", most.join(", ")),
    }
}

/// Makes sentences of an error of write(2) or open(2).
fn explain(machine: &Machine, words: &[String], verb: Verb, error: &io::Error) -> Failure {
    let path = machine.tally();
    let path = path.display();
    let errno = error
        .raw_os_error()
        .map_or(Errno::UnknownErrno, Errno::from_raw);
    let text = match errno {
        Errno::ENOENT if !machine.tally().exists() => format!(
            "there is no {path}: tally is not loaded, \"modprobe tally\" loads it or says why not"
        ),
        Errno::EACCES => format!("only root may write to {path}"),
        Errno::EPERM if verb == Verb::Add && is_locked_down() => {
            "the kernel is locked down for confidentiality, and nothing more may be counted".into()
        }
        Errno::EPERM => "who chooses events needs CAP_PERFMON in the initial user namespace".into(),
        Errno::E2BIG => {
            "these names are longer than the page that tally takes at once: give fewer".into()
        }
        Errno::EINVAL => format!("tally does not understand this: {}", words.join(" ")),
        Errno::ENOENT => Blame::new(machine, words, verb).absent(),
        Errno::EEXIST => Blame::new(machine, words, verb).enabled_already(),
        Errno::EOPNOTSUPP => Blame::new(machine, words, verb).not_countable(),
        Errno::ENOSPC => "this is more than the parameters max_events and max_bytes allow: remove \
                          others, or load tally with larger ones"
            .into(),
        Errno::ENOMEM => "the machine is short of memory".into(),
        _ if error.kind() == ErrorKind::NotFound => format!("there is no {path}"),
        _ => format!("{path}: {error}"),
    };
    let nothing = match words {
        [_] => "",
        _ => "; nothing was changed",
    };
    Failure::Said(format!("{text}{nothing}"))
}

fn is_locked_down() -> bool {
    fs::read_to_string("/sys/kernel/security/lockdown")
        .is_ok_and(|text| text.contains("[confidentiality]"))
}

/// Finds the words that a write was refused for.
///
/// The error is of the whole write. What there is and what is enabled may have changed since, or
/// may not be ours to see; then the words are blamed together.
struct Blame<'a> {
    words: &'a [String],
    verb: Verb,
    catalogue: Option<Catalogue>,
    enabled: Vec<String>,
}

impl<'a> Blame<'a> {
    fn new(machine: &Machine, words: &'a [String], verb: Verb) -> Self {
        Self {
            words,
            verb,
            catalogue: machine.catalogue().ok(),
            enabled: machine
                .read(false)
                .map(|snapshot| enabled(&snapshot))
                .unwrap_or_default(),
        }
    }

    fn names(&self) -> String {
        self.words.join(", ")
    }

    /// Returns the events that a word names, each as it stands.
    fn parts(word: &str) -> Vec<&str> {
        word.trim_start_matches('+').split("..").collect()
    }

    fn absent(&self) -> String {
        let is_enabled = |word: &str| {
            self.enabled.iter().any(|one| one == word)
                || !word.contains("..")
                    && !tracefs::like(word, self.enabled.iter().map(String::as_str)).is_empty()
        };
        if self.verb == Verb::Remove {
            let found: Vec<String> = self
                .words
                .iter()
                .filter(|word| !is_enabled(word))
                .map(|word| {
                    let names = self.enabled.iter().map(String::as_str);
                    format!(
                        "{word} is not enabled{}",
                        did_you_mean(&tracefs::suggest(word, names))
                    )
                })
                .collect();
            return sentences(found, || {
                format!("one of these is not enabled: {}", self.names())
            });
        }
        let Some(catalogue) = &self.catalogue else {
            return format!(
                "there is no such event: {} (tracefs, which knows them, cannot be read)",
                self.names()
            );
        };
        let mut found = Vec::new();
        for word in self.words.iter().filter(|word| !word.starts_with('+')) {
            for part in Self::parts(word) {
                let candidates = catalogue.candidates(part);
                let names = || candidates.iter().map(String::as_str);
                let like = tracefs::like(part, names());
                if like.is_empty() {
                    found.push(format!(
                        "there is no event {part}{}",
                        did_you_mean(&tracefs::suggest(part, names()))
                    ));
                } else if like.iter().all(|one| catalogue.obstacle(one).is_some()) {
                    found.push(format!(
                        "{part} stands for nothing that can be counted; {} cannot be: {}",
                        like[0],
                        catalogue.obstacle(like[0]).unwrap_or_default()
                    ));
                }
            }
        }
        sentences(found, || {
            format!("there is no such event: {}", self.names())
        })
    }

    fn enabled_already(&self) -> String {
        let found = self
            .words
            .iter()
            .filter_map(|word| {
                let name = word.trim_start_matches('+');
                if glob::is_glob(name) {
                    let any = self.enabled.iter().any(|one| glob::matches(name, one));
                    any.then(|| format!("all that {name} stands for are enabled already"))
                } else {
                    let is_there = self.enabled.iter().any(|one| one == name);
                    is_there.then(|| format!("{name} is enabled already"))
                }
            })
            .collect();
        sentences(found, || {
            format!(
                "these are enabled already, or named twice: {}",
                self.names()
            )
        })
    }

    fn not_countable(&self) -> String {
        let found = match &self.catalogue {
            None => Vec::new(),
            Some(catalogue) => self
                .words
                .iter()
                .flat_map(|word| Self::parts(word))
                .filter_map(|part| {
                    catalogue
                        .obstacle(part)
                        .map(|why| format!("{part} cannot be counted: {why}"))
                })
                .collect(),
        };
        sentences(found, || {
            format!(
                "it has no tracepoint of the kernel's, or must not be probed: {}",
                self.names()
            )
        })
    }
}

/// Joins what was found, or says something else if nothing was.
fn sentences(found: Vec<String>, otherwise: impl FnOnce() -> String) -> String {
    if found.is_empty() {
        otherwise()
    } else {
        found.join("\n       ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, add, remove) in [
            ("sched:sched_switch", true, true),
            ("irq:*", true, true),
            ("+nvme:nvme_sq", true, false),
            ("+nvme:*", false, false),
            ("irq:softirq_entry..irq:softirq_exit", true, true),
            ("+a:b..c:d", true, false),
            ("irq:*..irq:x", false, false),
            ("sched", false, false),
            ("sched:", false, false),
            (":x", false, false),
            ("a:b:c", false, false),
            ("!a:b", false, false),
            ("a:b\nc:d", false, false),
            ("a b:c", false, false),
            ("# a:b", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_understood(word, Verb::Add), add, "{word}");
            assert_eq!(is_understood(word, Verb::Remove), remove, "{word}");
        }
    }

    #[test]
    fn questions() {
        assert_eq!(did_you_mean(&[]), "");
        assert_eq!(did_you_mean(&["a:b"]), "; is it a:b?");
        assert_eq!(
            did_you_mean(&["a:b", "a:c", "a:d"]),
            "; is it a:b, a:c or a:d?"
        );
    }
}
