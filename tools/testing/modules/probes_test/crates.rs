// SPDX-License-Identifier: GPL-2.0

//! Probes that one crate makes and another one drops.

use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use kernel_ext::{
    percpu::Slots,
    tracepoint::Probes, //
};

use crate::{
    event,
    ktap::{
        expect,
        Case,
        Outcome, //
    },
    twice::is_refused, //
};

pub(crate) const CASES: &[Case] = &[
    ("a probe of another crate leaves when it is dropped", leaves),
    ("another crate cannot attach the same a second time", same),
];

extern "C" {
    fn probes_test_left_behind() -> c_int;
}

fn switches() -> u64 {
    probe_maker::SWITCHES.as_allocated().sum_possible()
}

/// Sleeping makes switches.
fn wait() {
    fsleep(Delta::from_millis(50));
}

fn leaves() -> Outcome {
    let watch = probe_maker::watch()?;
    wait();
    expect("whether it counts", switches() > 0, true)?;
    // The code that drops it is this crate's.
    drop(watch);

    let before = switches();
    wait();
    let after = switches();
    // SAFETY: A plain function call. No probe of this module is in use now.
    let left = unsafe { probes_test_left_behind() };
    expect("counts after it was dropped", after.wrapping_sub(before), 0)?;
    expect("probes left on the tracepoint", left.unsigned_abs(), 0)
}

fn same() -> Outcome {
    let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let slots = KBox::pin_init(Slots::new(), GFP_KERNEL)?;
    let slot = slots.alloc(GFP_KERNEL)?;
    let switch = event(c"sched", c"sched_switch")?;

    let theirs = probe_maker::attach(&probes, switch.clone(), slot.clone())?;
    is_refused(probes.attach(switch.clone(), slot.clone()))?;
    drop(theirs);

    // The kernel compares functions. They are the same, whoever attaches.
    let others = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let ours = others.attach(switch.clone(), slot.clone())?;
    is_refused(probe_maker::attach(&probes, switch, slot))?;
    drop(ours);
    Ok(())
}
