// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::tracepoint`: probes that come from another crate, that are attached
//! twice, and whose data does something when it is dropped.
//!
//! The tests run when /proc/probes_test is read, which prints KTAP.

mod crates;
#[path = "../ktap.rs"]
mod ktap;
mod probe_data;
#[path = "../tasks.rs"]
mod tasks;
mod twice;
mod waiting;

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    procfs,
    tracepoint::EventName, //
};

use self::{
    ktap::Report,
    waiting::Waiting, //
};

module! {
    type: ProbesTest,
    name: "probes_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::tracepoint",
    license: "GPL",
}

/// The name of an event.
fn event(system: &CStr, event: &CStr) -> Result<Arc<EventName>> {
    Ok(Arc::new(EventName::new(system, event)?, GFP_KERNEL)?)
}

#[pin_data]
struct ProbesTest {
    #[pin]
    report: procfs::Registration<Report>,
    #[pin]
    waiting: procfs::Registration<Waiting>,
}

impl kernel::InPlaceModule for ProbesTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let waiting = Waiting::new()?;

            Ok(try_pin_init!(Self {
                waiting <- procfs::Registration::new(c"probes_test_waiting", 0o444, waiting),
                report <- procfs::Registration::new(
                    c"probes_test",
                    0o444,
                    Report(&[crates::CASES, twice::CASES, probe_data::CASES]),
                ),
            }? Error))
        })
    }
}
