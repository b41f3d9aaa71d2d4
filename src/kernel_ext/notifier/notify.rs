// SPDX-License-Identifier: GPL-2.0

//! What subscribers answer: `NOTIFY_OK` and its like.
//!
//! C header: [`include/linux/notifier.h`](srctree/include/linux/notifier.h)

use kernel::{
    error::to_result,
    prelude::*, //
};

use crate::bindings;

/// Answers an event, as the return value of a `notifier_call` does: `NOTIFY_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// The event is none of the subscriber's business: `NOTIFY_DONE`.
    Done,
    /// The subscriber has taken note of the event: `NOTIFY_OK`.
    Ok,
    /// The subscriber has taken note of the event, and nobody after it needs to hear:
    /// `NOTIFY_STOP`.
    Stop,
    /// The event must not happen, and nobody after the subscriber hears of it:
    /// `notifier_from_errno()`.
    ///
    /// `NOTIFY_BAD` is the same as `Bad(EPERM)`.
    Bad(Error),
}

impl Notify {
    // CAST: The constants are below 2^16; bindgen gives them an unsigned type.
    const DONE: c_int = bindings::NOTIFY_DONE as c_int;
    const OK: c_int = bindings::NOTIFY_OK as c_int;
    const STOP_MASK: c_int = bindings::NOTIFY_STOP_MASK as c_int;

    /// Returns the answer as C has it.
    pub(super) fn into_raw(self) -> c_int {
        match self {
            Self::Done => Self::DONE,
            Self::Ok => Self::OK,
            Self::Stop => Self::OK | Self::STOP_MASK,
            Self::Bad(error) => Self::STOP_MASK | (Self::OK - error.to_errno()),
        }
    }

    /// Reads an answer of C's, which may be one that has no name here: what stops the chain is then
    /// [`Notify::Stop`], and what does not [`Notify::Done`].
    fn from_raw(raw: c_int) -> Self {
        let value = raw & !Self::STOP_MASK;

        // This is `notifier_to_errno()`.
        match to_result(Self::OK.saturating_sub(value).min(0)) {
            Err(error) => Self::Bad(error),
            Ok(()) if raw != value => Self::Stop,
            Ok(()) if value == Self::OK => Self::Ok,
            Ok(()) => Self::Done,
        }
    }

    /// Drops what a subscriber may not answer where the others depend on being told: an objection
    /// stops the chain if subscribers `may_veto` the event, and nothing else does.
    pub(super) fn filter_veto(self, may_veto: bool) -> Self {
        match self {
            Self::Done => Self::Done,
            Self::Bad(error) if may_veto => Self::Bad(error),
            Self::Ok | Self::Stop | Self::Bad(_) => Self::Ok,
        }
    }
}

/// Answers with [`Notify::Ok`], or with the error: `notifier_from_errno()`.
impl From<Result> for Notify {
    fn from(result: Result) -> Self {
        match result {
            Ok(()) => Self::Ok,
            Err(error) => Self::Bad(error),
        }
    }
}

/// Tells what came of a call of a chain.
#[derive(Clone, Copy)]
#[must_use = "a subscriber may have objected"]
pub struct Called {
    raw: c_int,
    calls: usize,
    rolled_back: usize,
}

impl Called {
    pub(super) fn new(raw: c_int, calls: usize, rolled_back: usize) -> Self {
        Self {
            raw,
            calls,
            rolled_back,
        }
    }

    /// Fails with the error of the subscriber that objected, if one did: `notifier_to_errno()`.
    pub fn to_result(self) -> Result {
        match self.last() {
            Notify::Bad(error) => Err(error),
            Notify::Done | Notify::Ok | Notify::Stop => Ok(()),
        }
    }

    /// Returns what the last subscriber that was called answered; [`Notify::Done`] if there was
    /// none.
    pub fn last(self) -> Notify {
        Notify::from_raw(self.raw)
    }

    /// Returns how many subscribers heard of the event.
    ///
    /// The kernel counts them too, but tells nobody outside of kernel/notifier.c. So each
    /// [`Registration`](super::Registration) counts itself, and subscribers in C are not counted.
    pub fn calls(self) -> usize {
        self.calls
    }

    /// Returns how many subscribers a robust call told that the event is undone; those in C are not
    /// counted.
    pub fn rolled_back(self) -> usize {
        self.rolled_back
    }
}
