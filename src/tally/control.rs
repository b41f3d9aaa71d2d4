// SPDX-License-Identifier: GPL-2.0

//! Commands: what is written to /proc/tally.
//!
//! Each line is a command, and each write stands for itself: its last line need not have an end,
//! and no line goes on in the next write. There are no blanks. Lines that are empty or begin with
//! `#` are skipped, so that a file of commands can be written as it is.

mod pattern;

use kernel::{
    prelude::*,
    sync::Arc, //
};
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

pub(crate) use self::pattern::Pattern;
use crate::events::Events;

/// What takes the commands of those who may give some.
pub(crate) struct Control {
    events: Arc<Events>,
}

impl Control {
    /// Lets people choose `events`.
    pub(crate) fn new(events: Arc<Events>) -> Self {
        Self { events }
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
        if commands
            .iter()
            .any(|command| command.pattern().is_too_long())
        {
            return Err(ENOENT);
        }
        self.events.apply(&commands)
    }
}

/// What one line says.
#[derive(Clone, Copy)]
pub(crate) enum Command<'a> {
    /// `system:event`: count what there is of it.
    Count(Pattern<'a>),
    /// `+system:event`: count it as soon as it is there. Always a name, never a glob.
    Wish(Pattern<'a>),
    /// `!system:event`: stop counting it.
    Stop(Pattern<'a>),
}

impl<'a> Command<'a> {
    /// Whether something is to be counted that was not.
    fn attaches(&self) -> bool {
        !matches!(self, Self::Stop(_))
    }

    /// What it is about.
    fn pattern(&self) -> &Pattern<'a> {
        match self {
            Self::Count(pattern) | Self::Wish(pattern) | Self::Stop(pattern) => pattern,
        }
    }

    /// Understands a line, of which the last byte is its end; `None` if there is nothing on it.
    fn parse(line: &'a mut [u8]) -> Result<Option<Self>> {
        Ok(Some(match line {
            [b'\n'] | [b'#', ..] => return Ok(None),
            [b'!', pattern @ ..] => Self::Stop(Pattern::parse(pattern)?),
            [b'+', name @ ..] => {
                let name = Pattern::parse(name)?;
                name.name().ok_or(EINVAL)?;
                Self::Wish(name)
            }
            pattern => Self::Count(Pattern::parse(pattern)?),
        }))
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
