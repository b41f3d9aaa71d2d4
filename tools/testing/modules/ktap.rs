// SPDX-License-Identifier: GPL-2.0

//! What test modules share: cases that run when a file in /proc is read, which prints KTAP.

use kernel::{
    alloc::AllocError,
    fmt,
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::procfs::{
    Opener,
    SeqOperations, //
};

/// What went wrong: what was looked at, what it had to be, and what it was.
pub(crate) struct Failure {
    what: &'static str,
    wanted: u64,
    found: u64,
}

impl Failure {
    pub(crate) fn new(what: &'static str, wanted: u64, found: u64) -> Self {
        Self {
            what,
            wanted,
            found,
        }
    }
}

pub(crate) type Outcome = core::result::Result<(), Failure>;

/// A name, and what must succeed.
pub(crate) type Case = (&'static str, fn() -> Outcome);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            wanted,
            found,
        } = self;
        write!(f, "{what}: wanted {wanted}, found {found}")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new("error", 0, error.to_errno().unsigned_abs().into())
    }
}

impl From<AllocError> for Failure {
    fn from(error: AllocError) -> Self {
        Error::from(error).into()
    }
}

/// Fails unless `found` is `wanted`.
pub(crate) fn expect<N>(what: &'static str, found: N, wanted: N) -> Outcome
where
    N: Copy + PartialEq + TryInto<u64>,
{
    let number = |value: N| value.try_into().unwrap_or(u64::MAX);

    if found == wanted {
        return Ok(());
    }
    Err(Failure::new(what, number(wanted), number(found)))
}

/// The records of the file: the plan, and then a line for each case.
pub(crate) struct Report(pub(crate) &'static [&'static [Case]]);

impl Report {
    fn cases(&self) -> impl Iterator<Item = &Case> {
        self.0.iter().copied().flatten()
    }
}

impl SeqOperations for Report {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos < self.cases().count().saturating_add(1)).then_some(pos)
    }

    fn show(&self, _: &(), index: usize, m: &SeqFile) -> Result {
        let Some((name, case)) = index
            .checked_sub(1)
            .and_then(|index| self.cases().nth(index))
        else {
            seq_print!(m, "KTAP version 1\n1..{}\n", self.cases().count());
            return Ok(());
        };

        match case() {
            Ok(()) => seq_print!(m, "ok {index} {name}\n"),
            Err(failure) => seq_print!(m, "# {failure}\nnot ok {index} {name}\n"),
        }
        Ok(())
    }
}
