// SPDX-License-Identifier: GPL-2.0

//! Handlers by their names: `softirq:net_rx`, `interrupt:24`.

use kernel::{
    prelude::*,
    str::CString, //
};
use kernel_ext::{
    interrupt::{
        has_handler,
        nr_lines,
        SOFTIRQS, //
    },
    tracepoint::Handler, //
};

use super::command::{
    Pattern,
    INTERRUPT,
    SOFTIRQ, //
};

/// Returns the handler of this name, if there can be one.
pub(super) fn find((kind, name): (&CStr, &CStr)) -> Option<Handler> {
    if kind == SOFTIRQ {
        let place = SOFTIRQS.iter().position(|softirq| *softirq == name)?;
        return u32::try_from(place).ok().map(Handler::Softirq);
    }

    // As /proc/interrupts has it: each number has one name.
    let digits = name.to_bytes();
    if kind != INTERRUPT || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let line: u32 = name.to_str().ok()?.parse().ok()?;
    let is_canonical = digits.len() == 1 || digits.first() != Some(&b'0');
    (is_canonical && line < nr_lines()).then_some(Handler::Interrupt(line))
}

/// Returns whether the handler is there now. An interrupt line gets one from a driver.
pub(super) fn is_there(handler: Handler) -> bool {
    match handler {
        Handler::Softirq(_) => true,
        Handler::Interrupt(line) => has_handler(line),
    }
}

/// Calls `f` with the name of each handler that is there and matches, until it fails.
pub(super) fn for_each(
    pattern: &Pattern<'_>,
    mut f: impl FnMut((&CStr, &CStr)) -> Result,
) -> Result {
    for name in SOFTIRQS.iter().map(|name| (SOFTIRQ, *name)) {
        if pattern.matches(name.0, name.1) {
            f(name)?;
        }
    }

    for line in (0..nr_lines()).filter(|line| has_handler(*line)) {
        let number = CString::try_from_fmt(fmt!("{line}"))?;
        if pattern.matches(INTERRUPT, &number) {
            f((INTERRUPT, &number))?;
        }
    }
    Ok(())
}
