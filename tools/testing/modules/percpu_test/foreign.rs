// SPDX-License-Identifier: GPL-2.0

//! Static variables of another module: tally's.

use kernel_ext::percpu::get_cpu;
use tally::kernel::NR_HARDIRQS;

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(super) static CASES: &[Case] = &[("static of another module", of_tally)];

/// What is added here and taken away again is in no total afterwards. A copy may count meanwhile.
fn of_tally() -> Outcome {
    const MANY: u64 = 1 << 60;

    let pin = get_cpu();
    NR_HARDIRQS.add(MANY);
    let by_symbol = NR_HARDIRQS.read() >= MANY;
    let by_address = NR_HARDIRQS.as_allocated().read() >= MANY;
    let remote = NR_HARDIRQS.read_remote(pin.cpu()) >= MANY;
    NR_HARDIRQS.sub(MANY);

    expect("read by symbol", by_symbol, true)?;
    expect("read by address", by_address, true)?;
    expect("read as a remote copy", remote, true)?;
    expect("taken away again", NR_HARDIRQS.read() < MANY, true)
}
