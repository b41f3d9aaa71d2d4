// SPDX-License-Identifier: GPL-2.0

//! Turns: one writer after another, each of whom may give up while it waits.
//!
//! A write may take seconds: for each event the kernel's locks of tracing are taken, which perf, ftrace and
//! BPF take too. A mutex of the `kernel` crate is waited for without heed to signals, so whoever waited for
//! such a write could not be stopped, and after two minutes the kernel would take it for hung.

use kernel::{
    new_condvar,
    new_mutex,
    prelude::*,
    sync::{
        CondVar,
        Mutex, //
    }, //
};

/// Says whether it is some writer's turn.
#[pin_data]
pub(super) struct Turns {
    #[pin]
    taken: Mutex<bool>,
    #[pin]
    ended: CondVar,
}

impl Turns {
    /// It is nobody's turn yet.
    pub(super) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            taken <- new_mutex!(false, "tally:turns"),
            ended <- new_condvar!("tally:turn_ended"),
        }? Error)
    }

    /// Waits until it is nobody else's turn.
    ///
    /// Sleeps. Fails with `ERESTARTSYS` if a signal comes first: the write begins anew, or fails with `EINTR`,
    /// as whoever handles the signal has asked for.
    pub(super) fn take(&self) -> Result<Turn<'_>> {
        let mut taken = self.taken.lock();

        while *taken {
            if self.ended.wait_interruptible(&mut taken) {
                return Err(ERESTARTSYS);
            }
        }
        *taken = true;
        Ok(Turn(self))
    }
}

/// Is the turn of a writer, until it is dropped.
pub(super) struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock() = false;
        // One alone might have had a signal just now, and the others would sleep on.
        self.0.ended.notify_all();
    }
}
