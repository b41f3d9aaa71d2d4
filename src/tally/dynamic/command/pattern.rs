// SPDX-License-Identifier: GPL-2.0

//! Names of events, and patterns of names: `system:event`.

use kernel::prelude::*;
use kernel_ext::glob::glob_match;

/// Stands in front of the colon where the event is that a function is called.
pub(crate) const FUNCTION: &CStr = c"function";

/// Stands in front of the colon of a latency, which is no event.
pub(crate) const LATENCY: &CStr = c"latency";

/// Stands in front of the colon of an interrupt line, whose handlers are measured.
pub(crate) const INTERRUPT: &CStr = c"interrupt";

/// Stands in front of the colon of a softirq, whose handler is measured.
pub(crate) const SOFTIRQ: &CStr = c"softirq";

/// Limits the bytes of a name: no system and no event has a longer one.
const MAX_NAME: usize = 64;

/// Holds `system:event`, where each of the two may be a glob.
#[derive(Clone, Copy)]
pub(crate) struct Pattern<'a> {
    system: &'a CStr,
    event: &'a CStr,
}

impl<'a> Pattern<'a> {
    /// Parses `text`, whose last byte is the newline. The colon and the newline are overwritten by
    /// the NULs of two C strings. Fails with `EINVAL` if `text` is no pattern.
    pub(super) fn parse(text: &'a mut [u8]) -> Result<Self> {
        let colon = text.iter().position(|&byte| byte == b':').ok_or(EINVAL)?;
        let (system, event) = text
            .split_at_mut_checked(colon.saturating_add(1))
            .ok_or(EINVAL)?;

        Ok(Self {
            system: parse_part(system)?,
            event: parse_part(event)?,
        })
    }

    /// Returns the system and the event, if neither is a glob.
    pub(crate) fn name(&self) -> Option<(&'a CStr, &'a CStr)> {
        let is_literal = |part: &CStr| part.to_bytes().iter().copied().all(is_name);

        (is_literal(self.system) && is_literal(self.event)).then_some((self.system, self.event))
    }

    /// Returns whether it is about functions, which no glob in front of the colon stands for.
    pub(crate) fn is_of_functions(&self) -> bool {
        self.system == FUNCTION
    }

    /// Returns whether it is about latencies, which no glob in front of the colon stands for.
    pub(super) fn is_of_latencies(&self) -> bool {
        self.system == LATENCY
    }

    /// Returns whether it is about handlers, which no glob in front of the colon stands for.
    pub(super) fn is_of_handlers(&self) -> bool {
        self.system == SOFTIRQ || self.system == INTERRUPT
    }

    /// Returns whether a part is longer than any name, so that it is the name of nothing.
    pub(super) fn is_too_long(&self) -> bool {
        self.system.count_bytes().max(self.event.count_bytes()) > MAX_NAME
    }

    /// Returns whether `system:event` matches.
    pub(crate) fn matches(&self, system: &CStr, event: &CStr) -> bool {
        glob_match(self.system, system) && glob_match(self.event, event)
    }
}

/// Holds `system:event..system:event`, of which no part is a glob.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    begin: Pattern<'a>,
    end: Pattern<'a>,
}

impl<'a> Pair<'a> {
    /// Parses `text`, whose last byte is the newline and which has two dots at `dots`. Fails with
    /// `EINVAL` if `text` is no pair of names.
    pub(super) fn parse(text: &'a mut [u8], dots: usize) -> Result<Self> {
        // The first dot stays with the name in front of it, as its end, which is overwritten like
        // a newline. The second one goes.
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

    /// Returns the system and the event of both ends.
    pub(crate) fn names(&self) -> [(&'a CStr, &'a CStr); 2] {
        [self.begin, self.end].map(|event| (event.system, event.event))
    }

    /// Returns whether a part is longer than any name.
    pub(super) fn is_too_long(&self) -> bool {
        self.begin.is_too_long() || self.end.is_too_long()
    }
}

/// Parses one side of the colon, and overwrites its last byte, the colon or the newline, by a NUL.
fn parse_part(text: &mut [u8]) -> Result<&CStr> {
    let (end, part) = text.split_last_mut().ok_or(EINVAL)?;
    if !is_glob(part) {
        return Err(EINVAL);
    }

    *end = 0;
    CStr::from_bytes_with_nul(text).map_err(|_| EINVAL)
}

/// Returns whether names may have this byte. Systems are called `9p` and `xhci-hcd` too.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Returns whether `text` is a name or a glob.
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

/// Returns what is behind a class such as `[a-z]`, if the class is closed and has a member. `text`
/// begins behind the bracket that opens it.
fn behind_class(text: &[u8]) -> Option<&[u8]> {
    let members = text.strip_prefix(b"!").unwrap_or(text);
    let mut halves = members.splitn(2, |&byte| byte == b']');
    let (members, behind) = (halves.next()?, halves.next()?);

    (!members.is_empty() && members.iter().copied().all(is_name)).then_some(behind)
}
