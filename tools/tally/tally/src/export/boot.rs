// SPDX-License-Identifier: GPL-2.0

//! The clock of boot, suspended time included, and that of the world.

use nix::time::{ClockId, clock_gettime};

/// Returns what Unix time it was so many nanoseconds after boot, to a millisecond.
///
/// Both clocks are read one after the other, and the one of the world may be set at any time.
pub(super) fn to_unix(since_boot_ns: u64) -> Option<f64> {
    let read = |clock| {
        let now = clock_gettime(clock).ok()?;
        Some(i128::from(now.tv_sec()) * 1_000_000_000 + i128::from(now.tv_nsec()))
    };
    let boot = read(ClockId::CLOCK_REALTIME)? - read(ClockId::CLOCK_BOOTTIME)?;
    let milliseconds = (boot + i128::from(since_boot_ns)) / 1_000_000;
    #[expect(clippy::cast_precision_loss, reason = "a double has room for it")]
    let seconds = milliseconds as f64 / 1000.0;
    Some(seconds)
}
