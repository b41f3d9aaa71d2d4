// SPDX-License-Identifier: GPL-2.0

//! Commands: what is written to /proc/tally.
//!
//! Each line is a command, and each write stands for itself: its last line need not have an end,
//! and no line goes on in the next write. There are no blanks. Lines that are empty or begin with
//! `#` are skipped, so that a file of commands can be written as it is.

mod pattern;

use kernel::prelude::*;
use kernel_ext::{
    procfs::{
        Capability,
        Opener, //
    },
    security::{
        locked_down,
        LockdownReason, //
    }, //
};

pub(crate) use self::pattern::{
    Pair,
    Pattern, //
};
use crate::dynamic::Chosen;

/// What takes the commands of those who may give some.
pub(crate) struct Control {
    chosen: Pin<KBox<Chosen>>,
}

impl Control {
    /// Lets people choose.
    pub(crate) fn new(chosen: Pin<KBox<Chosen>>) -> Self {
        Self { chosen }
    }

    /// Does what `text` says, all of it or nothing. May sleep.
    ///
    /// `EPERM` if the file was opened without the right, or if the kernel is locked down and
    /// something is to be counted; `EINVAL` if a line is not understood.
    pub(crate) fn write(&self, opener: Opener<'_>, text: &[u8]) -> Result {
        if !opener.capable(Capability::Perfmon) {
            return Err(EPERM);
        }

        let mut text = Text::new(text)?;
        let commands = text.commands()?;
        if commands.iter().any(Command::attaches) {
            locked_down(LockdownReason::Tracefs)?;
        }
        if commands.iter().any(Command::is_too_long) {
            return Err(ENOENT);
        }
        self.chosen.apply(&commands)
    }
}

/// What one line says.
#[derive(Clone, Copy)]
pub(crate) struct Command<'a> {
    pub(crate) verb: Verb,
    pub(crate) what: What<'a>,
}

/// What to do.
#[derive(Clone, Copy)]
pub(crate) enum Verb {
    /// Count what there is of it.
    Count,
    /// `+`: count it as soon as it is there. Always a name, never a glob.
    Wish,
    /// `!`: stop counting it.
    Stop,
}

/// What it is about.
#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    /// `system:event`.
    Events(Pattern<'a>),
    /// `system:event..system:event`: the time from one event to another.
    Time(Pair<'a>),
}

impl<'a> Command<'a> {
    /// Whether something is to be counted that was not.
    fn attaches(&self) -> bool {
        !matches!(self.verb, Verb::Stop)
    }

    /// Whether a name in it is too long to stand for anything.
    fn is_too_long(&self) -> bool {
        match self.what {
            What::Events(pattern) => pattern.is_too_long(),
            What::Time(pair) => pair.is_too_long(),
        }
    }

    /// Understands a line, of which the last byte is its end; `None` if there is nothing on it.
    fn parse(line: &'a mut [u8]) -> Result<Option<Self>> {
        let (verb, what) = match line {
            [b'\n'] | [b'#', ..] => return Ok(None),
            [b'!', what @ ..] => (Verb::Stop, what),
            [b'+', what @ ..] => (Verb::Wish, what),
            what => (Verb::Count, what),
        };
        let what = What::parse(what)?;

        match (verb, what) {
            (Verb::Wish, What::Events(pattern)) if pattern.name().is_none() => Err(EINVAL),
            _ => Ok(Some(Self { verb, what })),
        }
    }
}

impl<'a> What<'a> {
    fn parse(text: &'a mut [u8]) -> Result<Self> {
        Ok(match text.windows(2).position(|two| two == b"..") {
            Some(dots) => Self::Time(Pair::parse(text, dots)?),
            None => Self::Events(Pattern::parse(text)?),
        })
    }
}

/// The text of one write.
struct Text(KVec<u8>);

impl Text {
    fn new(written: &[u8]) -> Result<Self> {
        let mut text = KVec::with_capacity(written.len().saturating_add(1), GFP_KERNEL_ACCOUNT)?;
        text.extend_from_slice(written, GFP_KERNEL_ACCOUNT)?;
        if !text.ends_with(b"\n") {
            text.push(b'\n', GFP_KERNEL_ACCOUNT)?;
        }
        Ok(Self(text))
    }

    /// The commands in it. An error if a single one is not understood.
    fn commands(&mut self) -> Result<KVVec<Command<'_>>> {
        let mut commands = KVVec::new();
        for line in self.0.split_inclusive_mut(|&byte| byte == b'\n') {
            if let Some(command) = Command::parse(line)? {
                commands.push(command, GFP_KERNEL_ACCOUNT)?;
            }
        }
        Ok(commands)
    }
}
