// SPDX-License-Identifier: GPL-2.0

//! Loads of atomic variables.

use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};

/// Loads a number.
pub fn read_once(atomic: &Atomic<u64>) -> u64 {
    atomic.load(Relaxed)
}
