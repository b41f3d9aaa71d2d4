// SPDX-License-Identifier: GPL-2.0

//! What is promised of writes, written from Documentation/control.md alone.
//!
//! tools/testing/guest/helpers/commands.py is a model of the same in Python, for the real file.

use std::{
    collections::BTreeMap,
    sync::LazyLock, //
};

use regex::bytes::Regex;

pub const EPERM: i32 = 1;
pub const ENOENT: i32 = 2;
pub const EEXIST: i32 = 17;
pub const EINVAL: i32 = 22;
pub const ENOSPC: i32 = 28;
pub const EOPNOTSUPP: i32 = 95;

/// All latencies that there are.
pub const LATENCIES: [&str; 5] = [
    "disk_issued",
    "disk_queued",
    "each_disk_issued",
    "each_disk_queued",
    "runqueue",
];

/// All handlers that there are, beside lines that have none yet.
pub const HANDLERS: [&str; 13] = [
    "interrupt:0",
    "interrupt:24",
    "interrupt:4",
    "softirq:block",
    "softirq:hi",
    "softirq:hrtimer",
    "softirq:irq_poll",
    "softirq:net_rx",
    "softirq:net_tx",
    "softirq:rcu",
    "softirq:sched",
    "softirq:tasklet",
    "softirq:timer",
];

/// The longest name that anything has.
const MAX_NAME: usize = 64;

static NAME: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z0-9_-]+"));
static GLOBS: LazyLock<Regex> = LazyLock::new(|| {
    let part = r"(?:[A-Za-z0-9_*?-]|\[!?[A-Za-z0-9_-]+\])+";
    regex(&format!("([!+]?)({part}):({part})"))
});
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)";
    regex(&format!(r"([!+]?){name}\.\.{name}"))
});

fn regex(pattern: &str) -> Regex {
    Regex::new(&format!(r"(?-u)\A(?:{pattern})\z")).expect("it is an expression")
}

/// Returns the mark and the names of each command of a text, or an errno.
pub fn parsed(text: &[u8]) -> Result<Vec<(String, Vec<String>)>, i32> {
    let lines = text.split(|&byte| byte == b'\n');
    let commands = lines.filter(|line| !line.is_empty() && line[0] != b'#');
    commands
        .map(|line| {
            let found = PAIR
                .captures(line)
                .or_else(|| GLOBS.captures(line))
                .ok_or(EINVAL)?;
            let text = |index| String::from_utf8_lossy(&found[index]).into_owned();
            let names: Vec<_> = (2..found.len()).map(text).collect();
            if &found[1] == b"+" && !names.iter().all(|name| NAME.is_match(name.as_bytes())) {
                return Err(EINVAL);
            }
            Ok((text(1), names))
        })
        .collect()
}

/// Makes an expression of a glob.
fn glob(part: &str) -> Regex {
    let mut expression = String::new();
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        let mut used = 1;
        expression += &match first {
            '*' => ".*".to_string(),
            '?' => ".".to_string(),
            '[' => {
                let end = rest.find(']').expect("the grammar has it closed");
                used = end + 1;
                class(&rest[1..end])
            }
            other => other.to_string(),
        };
        rest = &rest[used..];
    }
    regex(&expression)
}

/// Makes an expression of what is between the brackets of a class.
fn class(text: &str) -> String {
    let (negated, mut members) = match text.strip_prefix('!') {
        Some(members) => ("^", members.as_bytes()),
        None => ("", text.as_bytes()),
    };
    let mut spans = String::new();
    while let [first, behind @ ..] = members {
        let mut last = first;
        members = behind;
        if let [b'-', end, behind @ ..] = behind {
            (last, members) = (end, behind);
        }
        if first <= last {
            spans += &format!(r"\x{first:02x}-\x{last:02x}");
        }
    }
    match (spans.is_empty(), negated) {
        (true, "") => r"[^\x00-\xff]".to_string(),
        (true, _) => ".".to_string(),
        _ => format!("[{negated}{spans}]"),
    }
}

/// Says what is counted: `system:event`, or two of them with dots between.
#[derive(Clone, Debug)]
pub struct Model {
    there: Vec<String>,
    limit: usize,
    /// What is counted, with how often it has happened.
    pub events: BTreeMap<(String, String), u64>,
    /// The times that are measured.
    pub times: Vec<[String; 4]>,
    /// The handlers whose runs are measured.
    pub handlers: Vec<String>,
    /// Whether it is measured how long tasks wait to run.
    pub latencies: Vec<&'static str>,
}

impl Model {
    /// Counts nothing, where there are these events.
    pub fn new(there: &[&str], limit: u32) -> Self {
        Self {
            there: there.iter().map(|name| name.to_string()).collect(),
            limit: usize::try_from(limit).expect("it fits"),
            events: BTreeMap::new(),
            times: Vec::new(),
            handlers: Vec::new(),
            latencies: Vec::new(),
        }
    }

    /// Returns 0 or the errno of a write. It changes all that the write says, or nothing.
    pub fn write(&mut self, text: &[u8]) -> i32 {
        let mut changed = self.clone();
        match changed.apply_all(text) {
            Ok(()) => {
                *self = changed;
                0
            }
            Err(error) => error,
        }
    }

    fn apply_all(&mut self, text: &[u8]) -> Result<(), i32> {
        let commands = parsed(text)?;
        if commands
            .iter()
            .flat_map(|(_, names)| names)
            .any(|name| name.len() > MAX_NAME)
        {
            return Err(ENOENT);
        }
        for (mark, names) in commands {
            match <[String; 4]>::try_from(names) {
                Ok(ends) => self.apply_to_time(&mark, ends)?,
                Err(names) if ["softirq", "interrupt"].contains(&names[0].as_str()) => {
                    self.apply_to_handlers(&mark, &names[0], &names[1])?
                }
                Err(names) if names[0] == "latency" => self.apply_to_latency(&mark, &names[1])?,
                Err(names) => self.apply_to_events(&mark, &names[0], &names[1])?,
            }
        }
        Ok(())
    }

    fn exists(&self, system: &str, event: &str) -> bool {
        self.there.contains(&format!("{system}:{event}"))
    }

    fn apply_to_time(&mut self, mark: &str, ends: [String; 4]) -> Result<(), i32> {
        let place = self.times.iter().position(|one| *one == ends);
        match (mark, place) {
            ("!", None) => return Err(ENOENT),
            ("!", Some(place)) => {
                self.times.remove(place);
                return Ok(());
            }
            (_, Some(_)) => return Err(EEXIST),
            (_, None) => {}
        }
        for (system, event) in [(&ends[0], &ends[1]), (&ends[2], &ends[3])] {
            let there = self.exists(system, event);
            if system == "function" || (there && system == "syscalls") {
                return Err(EOPNOTSUPP);
            }
            if !there && mark != "+" {
                return Err(ENOENT);
            }
        }
        if self.times.len() + self.handlers.len() >= self.limit {
            return Err(ENOSPC);
        }
        self.times.push(ends);
        Ok(())
    }

    fn apply_to_handlers(&mut self, mark: &str, kind: &str, what: &str) -> Result<(), i32> {
        let pattern = glob(what);
        let matches = |name: &str| {
            let (of, one) = name.split_once(':').expect("it is a name");
            of == kind && pattern.is_match(one.as_bytes())
        };
        let measured = self.handlers.iter().any(|name| matches(name));
        if mark == "!" {
            self.handlers.retain(|name| !matches(name));
            return if measured { Ok(()) } else { Err(ENOENT) };
        }

        let there = HANDLERS.iter().map(|name| name.to_string());
        let mut found: Vec<_> = there.filter(|name| matches(name)).collect();
        // A line may get its handler later. There are 32.
        let is_line = (0..32u32).any(|line| line.to_string() == what);
        if mark == "+" && kind == "interrupt" && is_line {
            found = vec![format!("{kind}:{what}")];
        }
        let any = !found.is_empty();
        found.retain(|name| !self.handlers.contains(name));
        if found.is_empty() {
            return Err(if any || (is_line && measured) {
                EEXIST
            } else {
                ENOENT
            });
        }
        if self.times.len() + self.handlers.len() + found.len() > self.limit {
            return Err(ENOSPC);
        }
        self.handlers.extend(found);
        Ok(())
    }

    fn apply_to_latency(&mut self, mark: &str, what: &str) -> Result<(), i32> {
        let pattern = glob(what);
        let matches = |one: &&'static str| pattern.is_match(one.as_bytes());
        let measured = self.latencies.iter().any(matches);
        if mark == "!" {
            self.latencies.retain(|one| !matches(one));
            return if measured { Ok(()) } else { Err(ENOENT) };
        }

        let mut new: Vec<_> = LATENCIES.into_iter().filter(matches).collect();
        new.retain(|one| !self.latencies.contains(one));
        if new.is_empty() {
            return Err(if measured { EEXIST } else { ENOENT });
        }
        if self.latencies.len() + new.len() > self.limit {
            return Err(ENOSPC);
        }
        self.latencies.extend(new);
        Ok(())
    }

    fn apply_to_events(&mut self, mark: &str, system: &str, event: &str) -> Result<(), i32> {
        let name = (system.to_string(), event.to_string());
        let (systems, events) = (glob(system), glob(event));
        let matches = |system: &str, event: &str| {
            systems.is_match(system.as_bytes()) && events.is_match(event.as_bytes())
        };
        let is_name = [system, event]
            .iter()
            .all(|part| NAME.is_match(part.as_bytes()));

        if mark == "!" {
            let before = self.events.len();
            self.events
                .retain(|(system, event), _| !matches(system, event));
            return if self.events.len() == before {
                Err(ENOENT)
            } else {
                Ok(())
            };
        }
        if is_name && self.events.contains_key(&name) {
            return Err(EEXIST);
        }
        let found: Vec<_> = if mark == "+" {
            vec![name]
        } else {
            let there = self.there.iter().filter_map(|name| name.split_once(':'));
            // No glob in front of the colon stands for `function`.
            let there = there.filter(|one| (one.0 == "function") == (system == "function"));
            let there = there.filter(|(system, event)| matches(system, event));
            there
                .map(|(system, event)| (system.to_string(), event.to_string()))
                .collect()
        };
        if found.is_empty() {
            return Err(ENOENT);
        }
        let new: Vec<_> = found
            .into_iter()
            .filter(|one| !self.events.contains_key(one))
            .collect();
        if new.is_empty() {
            return Err(EEXIST);
        }
        if self.events.len() + new.len() > self.limit {
            return Err(ENOSPC);
        }
        self.events.extend(new.into_iter().map(|one| (one, 0)));
        Ok(())
    }

    /// Has an event happen.
    pub fn happen(&mut self, name: &str) {
        if let Some((system, event)) = name.split_once(':') {
            if let Some(count) = self
                .events
                .get_mut(&(system.to_string(), event.to_string()))
            {
                *count += u64::from(self.there.iter().any(|one| one == name));
            }
        }
    }
}
