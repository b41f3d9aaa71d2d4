// SPDX-License-Identifier: GPL-2.0

//! Counters whose value is approximate.

use kernel::prelude::*;
use kernel_ext::{
    cpu::cpus_read_lock,
    percpu::{
        get_cpu,
        PerCpuCounter,
        RatelimitedSum, //
    },
    smp::on_each_cpu, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(crate) const CASES: &[Case] = &[
    (
        "a counter's approximate value lags by less than a batch",
        batch,
    ),
    ("exact values have what every CPU added", every_cpu),
    (
        "a rate-limited sum is taken at each so many changes",
        ratelimited,
    ),
];

fn batch() -> Outcome {
    let counter = KBox::pin_init(PerCpuCounter::new(0, GFP_KERNEL), GFP_KERNEL)?;
    let pin = get_cpu();

    for added in 1..=100i64 {
        counter.add_batch(1, 10);
        expect("the exact value", counter.sum(), added)?;
        expect("the approximate value", counter.read(), added / 10 * 10)?;
    }
    drop(pin);
    Ok(())
}

fn every_cpu() -> Outcome {
    let counter = KBox::pin_init(PerCpuCounter::new(7, GFP_KERNEL), GFP_KERNEL)?;
    let ratelimited = RatelimitedSum::new(100, GFP_KERNEL)?;
    let cpus = cpus_read_lock();
    let mut added = 0;

    // In an interrupt on each, and together more than a batch.
    on_each_cpu(&cpus, |_irq| {
        for _ in 0..1000 {
            counter.add(3);
            ratelimited.add(3);
        }
    })?;
    for _ in cpus.online() {
        added += 3000;
    }

    expect("the exact value", counter.sum(), 7 + added)?;
    expect("the rate-limited sum", ratelimited.sum(), added)
}

fn ratelimited() -> Outcome {
    let sum = RatelimitedSum::new(4, GFP_KERNEL)?;
    let pin = get_cpu();

    for changes in 1..=40i64 {
        sum.add(3);
        expect("the exact value", sum.sum(), changes * 3)?;
        expect("the value", sum.read(), changes / 4 * 4 * 3)?;
    }
    drop(pin);
    Ok(())
}
