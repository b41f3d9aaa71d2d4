// SPDX-License-Identifier: GPL-2.0

//! The grammar of both files.
//!
//! Each of its rules is a function over the lines of the text.

use std::str;

use crate::{
    ErrorKind, FORMAT, Name, ParseError, Record,
    record::{Cpu, Values},
};

type Result<T> = std::result::Result<T, ParseError>;

/// Parses a whole file.
pub(crate) fn records(text: &[u8]) -> Result<Vec<Record>> {
    let mut lines = Lines::new(text)?;
    lines.check_format()?;
    let mut found = Vec::new();
    while lines.next().is_some() {
        found.push(lines.record()?);
    }
    Ok(found)
}

/// Goes through the lines of a text.
struct Lines<'a> {
    lines: Vec<&'a str>,
    /// How many of them are behind us.
    at: usize,
}

impl<'a> Lines<'a> {
    /// Splits a text. What is no line of any file is an error at once.
    fn new(text: &'a [u8]) -> Result<Self> {
        let mut lines = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let number = lines.len() + 1;
            let end = rest.iter().position(|&byte| byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            if let Some(&byte) = line.iter().find(|byte| !matches!(byte, b' '..=b'~')) {
                return Err(ParseError::new(number, ErrorKind::Byte(byte)));
            }
            let Some(end) = end else {
                return Err(ParseError::new(number, ErrorKind::CutOff));
            };
            // All of its bytes are ASCII.
            lines.push(str::from_utf8(line).unwrap_or_default());
            rest = &rest[end + 1..];
        }
        Ok(Self { lines, at: 0 })
    }

    /// Looks at the next line.
    fn next(&self) -> Option<&'a str> {
        self.lines.get(self.at).copied()
    }

    /// Goes past the next line if `parse` makes something of it.
    fn take<T>(&mut self, parse: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        let found = parse(self.next()?)?;
        self.at += 1;
        Some(found)
    }

    /// Blames the next line; behind the last one, that one.
    fn error(&self, kind: ErrorKind) -> ParseError {
        ParseError::new(self.lines.len().min(self.at + 1).max(1), kind)
    }

    /// Checks that the first line says that the rest is what we know.
    fn check_format(&self) -> Result<()> {
        match self.next().map(Name::parse) {
            Some(Name::Tally(FORMAT)) => Ok(()),
            Some(Name::Tally(other)) => Err(self.error(ErrorKind::OtherFormat(other))),
            _ => Err(self.error(ErrorKind::NotTally)),
        }
    }

    /// `header, LF, ( total, { total } | sections )`
    fn record(&mut self) -> Result<Record> {
        let Some(name) = self.take(header) else {
            return Err(self.error(ErrorKind::NoSuchLine));
        };
        let (keys, values) = if self
            .take(|line| (line == "  pagesets").then_some(()))
            .is_some()
        {
            self.sections()?
        } else {
            let (keys, totals) = self.numbers(total)?;
            (keys, Values::Totals(totals))
        };
        Ok(Record::new(name, keys, values))
    }

    /// `cpu, { cpu }, departed`
    fn sections(&mut self) -> Result<(Vec<String>, Values)> {
        let mut keys: Option<Vec<String>> = None;
        let mut cpus: Vec<Cpu> = Vec::new();
        while let Some(text) = self.take(|line| line.strip_prefix("    cpu: ")) {
            let number = number(text)
                .and_then(|number| u32::try_from(number).ok())
                .ok_or_else(|| self.error_before(ErrorKind::Number(text.into())))?;
            if cpus.last().is_some_and(|last| last.number >= number) {
                return Err(self.error_before(ErrorKind::CpuOrder));
            }
            let values = self.section(&mut keys)?;
            cpus.push(Cpu { number, values });
        }
        if cpus.is_empty()
            || self
                .take(|line| (line == "    departed").then_some(()))
                .is_none()
        {
            return Err(self.unexpected());
        }
        let departed = self.section(&mut keys)?;
        Ok((keys.unwrap_or_default(), Values::PerCpu { cpus, departed }))
    }

    /// `slot, { slot }`, with the keys of the other sections.
    fn section(&mut self, keys: &mut Option<Vec<String>>) -> Result<Vec<u64>> {
        let (found, values) = self.numbers(slot)?;
        match keys {
            Some(keys) if *keys != found => Err(self.error_before(ErrorKind::OtherKeys)),
            Some(_) => Ok(values),
            None => {
                *keys = Some(found);
                Ok(values)
            }
        }
    }

    /// One or more lines with a key and a number each.
    fn numbers(
        &mut self,
        split: fn(&str) -> Option<(&str, &str)>,
    ) -> Result<(Vec<String>, Vec<u64>)> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        while let Some((key, text)) = self.take(split) {
            let value =
                number(text).ok_or_else(|| self.error_before(ErrorKind::Number(text.into())))?;
            if keys.iter().any(|one| one == key) {
                return Err(self.error_before(ErrorKind::SameKey(key.into())));
            }
            keys.push(key.into());
            values.push(value);
        }
        if keys.is_empty() {
            Err(self.unexpected())
        } else {
            Ok((keys, values))
        }
    }

    /// Blames the line that was taken last.
    fn error_before(&self, kind: ErrorKind) -> ParseError {
        ParseError::new(self.at, kind)
    }

    /// Blames what stands where a record should go on.
    fn unexpected(&self) -> ParseError {
        let ends = self.next().is_none_or(|line| header(line).is_some());
        self.error(if ends {
            ErrorKind::Unfinished
        } else {
            ErrorKind::NoSuchLine
        })
    }
}

/// `? A-Z ?, { ? !-~ ? | SP }`
fn header(line: &str) -> Option<Name> {
    line.starts_with(|first: char| first.is_ascii_uppercase())
        .then(|| Name::parse(line))
}

/// `6 * SP, key, { SP }, SP, number`, of which the number is checked later.
fn total(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.strip_prefix("      ")?.split_once(' ')?;
    is_key(key).then(|| (key, rest.trim_start_matches(' ')))
}

/// `14 * SP, key, ": ", number`, of which the number is checked later.
fn slot(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.strip_prefix("              ")?.split_once(": ")?;
    is_key(key).then_some((key, rest))
}

/// `? a-z ?, { ? a-z ? | ? 0-9 ? | "_" }`
fn is_key(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// `"0" | ? 1-9 ?, { ? 0-9 ? }`, below 2^64.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if digits && canonical {
        text.parse().ok()
    } else {
        None
    }
}
