// SPDX-License-Identifier: GPL-2.0

//! What subscribers answer, and what comes of it.

use kernel::{
    error::to_result,
    prelude::*, //
};

use crate::bindings;

/// What a subscriber answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// The event is none of its business: `NOTIFY_DONE`.
    Done,
    /// Taken note of: `NOTIFY_OK`.
    Ok,
    /// Taken note of, and nobody after it needs to hear: `NOTIFY_STOP`.
    Stop,
    /// It must not happen, and nobody after it hears of it: `notifier_from_errno()`.
    ///
    /// `NOTIFY_BAD` is the same as `Bad(EPERM)`.
    Bad(Error),
}

impl Notify {
    // CAST: The constants are small; bindgen gives them an unsigned type.
    const DONE: c_int = bindings::NOTIFY_DONE as c_int;
    const OK: c_int = bindings::NOTIFY_OK as c_int;
    const STOP_MASK: c_int = bindings::NOTIFY_STOP_MASK as c_int;

    pub(super) fn into_raw(self) -> c_int {
        match self {
            Self::Done => Self::DONE,
            Self::Ok => Self::OK,
            Self::Stop => Self::OK | Self::STOP_MASK,
            Self::Bad(error) => Self::STOP_MASK | (Self::OK - error.to_errno()),
        }
    }

    /// What a subscriber in C may answer is more than Rust has names for.
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

    /// Returns what counts on a chain whose other subscribers depend on being told: an objection
    /// stops the chain if subscribers `may_veto` the event, and nothing else does.
    pub(super) fn filter_veto(self, may_veto: bool) -> Self {
        match self {
            Self::Done => Self::Done,
            Self::Bad(error) if may_veto => Self::Bad(error),
            Self::Ok | Self::Stop | Self::Bad(_) => Self::Ok,
        }
    }
}

/// `notifier_from_errno()`.
impl From<Result> for Notify {
    fn from(result: Result) -> Self {
        match result {
            Ok(()) => Self::Ok,
            Err(error) => Self::Bad(error),
        }
    }
}

/// What came of a call of a chain.
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

    /// The error of the subscriber that objected, if one did: `notifier_to_errno()`.
    pub fn to_result(self) -> Result {
        match self.last() {
            Notify::Bad(error) => Err(error),
            Notify::Done | Notify::Ok | Notify::Stop => Ok(()),
        }
    }

    /// What the last subscriber that was called answered; [`Notify::Done`] if there was none.
    pub fn last(self) -> Notify {
        Notify::from_raw(self.raw)
    }

    /// How many subscribers heard of the event.
    ///
    /// The kernel counts them too, but tells nobody outside of kernel/notifier.c. So each
    /// [`Registration`](super::Registration) counts itself, and subscribers in C are not counted.
    pub fn calls(self) -> usize {
        self.calls
    }

    /// How many subscribers were told of its undoing, by a robust call; subscribers in C are not
    /// counted.
    pub fn rolled_back(self) -> usize {
        self.rolled_back
    }
}
