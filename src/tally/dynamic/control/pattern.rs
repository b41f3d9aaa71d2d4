// SPDX-License-Identifier: GPL-2.0

//! Names of events, and patterns of them: `system:event`.

use kernel::prelude::*;
use kernel_ext::glob::glob_match;

/// No system and no event has a longer name.
const MAX_NAME: usize = 64;

/// `system:event`, where each may be a glob.
#[derive(Clone, Copy)]
pub(crate) struct Pattern<'a> {
    system: &'a CStr,
    event: &'a CStr,
}

impl<'a> Pattern<'a> {
    /// Understands `text`, of which the last byte is the end of the line. That and the colon
    /// become the ends of C strings. `EINVAL` if it is no pattern.
    pub(super) fn parse(text: &'a mut [u8]) -> Result<Self> {
        let colon = text.iter().position(|&byte| byte == b':').ok_or(EINVAL)?;
        let (system, event) = text
            .split_at_mut_checked(colon.saturating_add(1))
            .ok_or(EINVAL)?;

        Ok(Self {
            system: part(system)?,
            event: part(event)?,
        })
    }

    /// The system and the event, if it is a name and no glob.
    pub(crate) fn name(&self) -> Option<(&'a CStr, &'a CStr)> {
        let literal = |part: &CStr| part.to_bytes().iter().copied().all(is_name);

        (literal(self.system) && literal(self.event)).then_some((self.system, self.event))
    }

    /// Whether it is too long to stand for anything.
    pub(super) fn is_too_long(&self) -> bool {
        self.system.count_bytes().max(self.event.count_bytes()) > MAX_NAME
    }

    /// Whether it stands for `system:event`, among others perhaps.
    pub(crate) fn matches(&self, system: &CStr, event: &CStr) -> bool {
        glob_match(self.system, system) && glob_match(self.event, event)
    }
}

/// `system:event..system:event`, of which none is a glob.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    begin: Pattern<'a>,
    end: Pattern<'a>,
}

impl<'a> Pair<'a> {
    /// Understands `text`, of which the last byte is the end of the line, and which has two dots at
    /// `dots`. `EINVAL` if it is no pair.
    pub(super) fn parse(text: &'a mut [u8], dots: usize) -> Result<Self> {
        // The first dot is the end of what begins.
        let (begin, end) = text
            .split_at_mut_checked(dots.saturating_add(1))
            .ok_or(EINVAL)?;
        let (_, end) = end.split_first_mut().ok_or(EINVAL)?;

        let pair = Self {
            begin: Pattern::parse(begin)?,
            end: Pattern::parse(end)?,
        };
        pair.begin.name().and(pair.end.name()).ok_or(EINVAL)?;
        Ok(pair)
    }

    /// System and event of both.
    pub(crate) fn names(&self) -> [(&'a CStr, &'a CStr); 2] {
        [self.begin, self.end].map(|event| (event.system, event.event))
    }

    /// Whether one of them is too long for a name.
    pub(super) fn is_too_long(&self) -> bool {
        self.begin.is_too_long() || self.end.is_too_long()
    }
}

/// Understands what is on one side of the colon, and puts a NUL where it ends.
fn part(text: &mut [u8]) -> Result<&CStr> {
    let (end, part) = text.split_last_mut().ok_or(EINVAL)?;
    if !is_glob(part) {
        return Err(EINVAL);
    }

    *end = 0;
    CStr::from_bytes_with_nul(text).map_err(|_| EINVAL)
}

/// Bytes of names: systems are called `9p` and `xhci-hcd` too.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether `text` is a name or a glob.
fn is_glob(text: &[u8]) -> bool {
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        rest = match first {
            b'*' | b'?' => behind,
            b'[' => match behind_class(behind) {
                Some(behind) => behind,
                None => return false,
            },
            &byte if is_name(byte) => behind,
            _ => return false,
        };
    }
    !text.is_empty()
}

/// What is behind a class, if it is closed and has a member. `text` begins behind its bracket.
fn behind_class(text: &[u8]) -> Option<&[u8]> {
    let members = text.strip_prefix(b"!").unwrap_or(text);
    let mut halves = members.splitn(2, |&byte| byte == b']');
    let (members, behind) = (halves.next()?, halves.next()?);

    (!members.is_empty() && members.iter().copied().all(is_name)).then_some(behind)
}
