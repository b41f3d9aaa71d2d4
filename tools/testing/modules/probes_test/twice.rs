// SPDX-License-Identifier: GPL-2.0

//! What is attached twice. The kernel's log must not hold a warning.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    percpu::Slots,
    tracepoint::{
        BareProbe,
        BareProbeFn,
        EventName,
        EventRegistration,
        Interval,
        ProbeData,
        Probes, //
    }, //
};

use crate::{
    event,
    ktap::{
        expect,
        Case,
        Outcome, //
    }, //
};

pub(crate) const CASES: &[Case] = &[
    ("a slot is attached once to an event", slot),
    ("what an Arc points to is attached once to an event", arc),
    (
        "an interval begins once with an event, and may end with it",
        interval,
    ),
    ("a slot is pending once for an event", pending),
];

/// Attaching must have failed with `EEXIST`.
pub(crate) fn is_refused(attached: Result<EventRegistration>) -> Outcome {
    let errno = attached.err().map_or(0, |error| error.to_errno());
    expect(
        "the error",
        errno.unsigned_abs(),
        EEXIST.to_errno().unsigned_abs(),
    )
}

/// Attaches by both ways.
fn is_refused_both_ways<D: ProbeData>(
    probes: &Probes,
    name: &Arc<EventName>,
    data: impl Fn() -> D,
) -> Outcome {
    is_refused(probes.attach(name.clone(), data()))?;
    is_refused(probes.attach_or_defer(name.clone(), data()))
}

fn slot() -> Outcome {
    let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let slots = KBox::pin_init(Slots::new(), GFP_KERNEL)?;
    let slot = slots.alloc(GFP_KERNEL)?;
    let switch = event(c"sched", c"sched_switch")?;

    let attached = probes.attach(switch.clone(), slot.clone())?;
    is_refused_both_ways(&probes, &switch, || slot.clone())?;
    // Another event is another matter, and so is another slot.
    let wakeup = probes.attach(event(c"sched", c"sched_wakeup")?, slot.clone())?;
    let other = probes.attach(switch.clone(), slots.alloc(GFP_KERNEL)?)?;

    // Two `Probes` do not know of each other. The kernel does.
    let others = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    is_refused_both_ways(&others, &switch, || slot.clone())?;
    expect("what the others have attached", others.attached(), 0)?;

    drop(attached);
    let attached = others.attach(switch, slot)?;
    drop((attached, wakeup, other));
    Ok(())
}

/// Does nothing, on a tracepoint.
struct Nothing;

// SAFETY: The function returns.
unsafe impl BareProbe for Nothing {
    const FUNCTION: BareProbeFn = nothing;
}

/// # Safety
///
/// None.
unsafe extern "C" fn nothing(_data: *mut c_void) {}

fn arc() -> Outcome {
    let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let data = Arc::new(Nothing, GFP_KERNEL)?;
    let switch = event(c"sched", c"sched_switch")?;

    let attached = probes.attach(switch.clone(), data.clone())?;
    is_refused_both_ways(&probes, &switch, || data.clone())?;
    drop(attached);
    Ok(())
}

fn interval() -> Outcome {
    let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let interval = Interval::new(GFP_KERNEL)?;
    let switch = event(c"sched", c"sched_switch")?;

    let begin = probes.attach(switch.clone(), Interval::begin(&interval))?;
    is_refused_both_ways(&probes, &switch, || Interval::begin(&interval))?;
    is_refused_both_ways(&probes, &switch, || Interval::begin(&interval.clone()))?;
    let end = probes.attach(switch.clone(), Interval::end(&interval))?;
    is_refused_both_ways(&probes, &switch, || Interval::end(&interval))?;
    let lap = probes.attach(switch.clone(), Interval::lap(&interval))?;
    is_refused_both_ways(&probes, &switch, || Interval::lap(&interval))?;
    drop((begin, end, lap));
    Ok(())
}

fn pending() -> Outcome {
    let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
    let slots = KBox::pin_init(Slots::new(), GFP_KERNEL)?;
    let slot = slots.alloc(GFP_KERNEL)?;
    let none = event(c"probes_test", c"no_such_event")?;

    let registration = probes.attach_or_defer(none.clone(), slot.clone())?;
    is_refused_both_ways(&probes, &none, || slot.clone())?;
    drop(registration);
    drop(probes.attach_or_defer(none, slot)?);
    Ok(())
}
