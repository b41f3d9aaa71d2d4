// SPDX-License-Identifier: GPL-2.0

//! The grammar of what is written to /proc/tally.
//!
//! Each line is a command, and each write stands for itself: its last line need not have an end,
//! and no line goes on in the next write. There are no blanks. Lines that are empty or begin with
//! `#` are skipped, so that a file of commands can be written as it is.
//!
//! | line | command |
//! |---|---|
//! | `sched:sched_switch` | [`Count`](Verb::Count) an event |
//! | `irq:*` | count all events that match |
//! | `function:vfs_read` | count calls of a function, of the kernel or of modules; `*:*` is none of them |
//! | `+nvme:nvme_sq` | [`Defer`](Verb::Defer): count it as soon as its module is loaded |
//! | `!irq:*` | [`Stop`](Verb::Stop) counting what matches |
//! | `irq:softirq_entry..irq:softirq_exit` | measure the time from one event to the other |
//! | `softirq:net_rx`, `interrupt:24` | measure how long a handler runs; `*:*` is none of these |
//! | `latency:runqueue` | measure how long tasks wait to run; nor of these |
//!
//! This file and [`pattern`] say what a command means, and not what becomes of it: they import
//! nothing else of tally.

mod pattern;

use kernel::prelude::*;

pub(super) use self::pattern::{
    Pair,
    Pattern,
    FUNCTION,
    INTERRUPT,
    LATENCY,
    SOFTIRQ, //
};

/// Holds the command of one line.
#[derive(Clone, Copy)]
pub(super) struct Command<'a> {
    pub(super) verb: Verb,
    pub(super) target: Target<'a>,
}

/// Says what a command does to its target.
#[derive(Clone, Copy)]
pub(super) enum Verb {
    /// Counts what there is of the target now.
    Count,
    /// `+`: counts the target, and leaves it pending for as long as its module is not loaded. The
    /// target is a name, never a glob.
    Defer,
    /// `!`: stops counting the target.
    Stop,
}

/// Says what a command is about.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    /// `system:event`: the events that match.
    Events(Pattern<'a>),
    /// `system:event..system:event`: the time from one event to the other.
    Time(Pair<'a>),
    /// `softirq:name` or `interrupt:line`: how long the handlers that match run.
    Handlers(Pattern<'a>),
    /// `latency:what`: the latencies that match.
    Latencies(Pattern<'a>),
}

impl<'a> Command<'a> {
    /// Returns whether something is to be counted that was not.
    pub(super) fn attaches(&self) -> bool {
        !matches!(self.verb, Verb::Stop)
    }

    /// Returns whether a name in it is longer than that of any event.
    pub(super) fn is_too_long(&self) -> bool {
        match self.target {
            Target::Time(pair) => pair.is_too_long(),
            Target::Events(pattern) | Target::Handlers(pattern) | Target::Latencies(pattern) => {
                pattern.is_too_long()
            }
        }
    }

    /// Parses a line, whose last byte is its newline; `None` if the line is empty or a comment.
    fn parse(line: &'a mut [u8]) -> Result<Option<Self>> {
        let (verb, target) = match line {
            [b'\n'] | [b'#', ..] => return Ok(None),
            [b'!', target @ ..] => (Verb::Stop, target),
            [b'+', target @ ..] => (Verb::Defer, target),
            target => (Verb::Count, target),
        };
        let target = Target::parse(target)?;

        match (verb, target) {
            (Verb::Defer, target) if target.is_glob() => Err(EINVAL),
            _ => Ok(Some(Self { verb, target })),
        }
    }
}

impl<'a> Target<'a> {
    /// Parses what is behind the verb, up to and including the newline.
    fn parse(text: &'a mut [u8]) -> Result<Self> {
        if let Some(dots) = text.windows(2).position(|two| two == b"..") {
            return Ok(Self::Time(Pair::parse(text, dots)?));
        }

        let pattern = Pattern::parse(text)?;
        Ok(if pattern.is_of_latencies() {
            Self::Latencies(pattern)
        } else if pattern.is_of_handlers() {
            Self::Handlers(pattern)
        } else {
            Self::Events(pattern)
        })
    }

    /// Returns whether it may stand for several.
    fn is_glob(&self) -> bool {
        match self {
            Self::Events(pattern) | Self::Handlers(pattern) | Self::Latencies(pattern) => {
                pattern.name().is_none()
            }
            Self::Time(_) => false,
        }
    }
}

/// Holds the text of one write, in which every line ends with a newline.
///
/// Commands borrow from it: parsing makes C strings of the names where they stand.
pub(super) struct Text(KVec<u8>);

impl Text {
    /// Copies what was written, and ends its last line.
    pub(super) fn new(written: &[u8]) -> Result<Self> {
        let mut text = KVec::with_capacity(written.len().saturating_add(1), GFP_KERNEL_ACCOUNT)?;
        text.extend_from_slice(written, GFP_KERNEL_ACCOUNT)?;
        if !text.ends_with(b"\n") {
            text.push(b'\n', GFP_KERNEL_ACCOUNT)?;
        }
        Ok(Self(text))
    }

    /// Parses all lines. Fails with `EINVAL` if a single one is no command.
    pub(super) fn commands(&mut self) -> Result<KVVec<Command<'_>>> {
        let mut commands = KVVec::new();
        for line in self.0.split_inclusive_mut(|&byte| byte == b'\n') {
            if let Some(command) = Command::parse(line)? {
                commands.push(command, GFP_KERNEL_ACCOUNT)?;
            }
        }
        Ok(commands)
    }
}
