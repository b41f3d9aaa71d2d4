// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::bitmap` and `kernel_ext::cpumask`.
//!
//! The tests run when /proc/cpumask_test is read, which prints KTAP. Before that come the kernel's
//! masks, one a line, for tools/testing/guest/test_cpumask.py to compare with sysfs.

mod cpumask_test {
    pub(crate) mod bits;
    pub(crate) mod cpus;
    pub(crate) mod model;
}

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::{
    cpumask,
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};

use cpumask_test::{
    bits,
    cpus,
    model::SIZES, //
};

module! {
    type: CpuMaskTest,
    name: "cpumask_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::cpumask",
    license: "GPL",
}

/// A result for each check on bitmaps of each size, and one for each check on CPU masks.
struct Report;

impl Report {
    const BITS: usize = SIZES.len() * bits::CHECKS.len();
    const ALL: usize = Self::BITS + cpus::CHECKS.len();

    fn plan(m: &SeqFile) {
        seq_print!(m, "KTAP version 1\n1..{}\n", Self::ALL);
        for (name, mask) in [
            ("possible", cpumask::possible()),
            ("present", cpumask::present()),
            ("enabled", cpumask::enabled()),
            ("online", cpumask::online()),
            ("active", cpumask::active()),
            ("dying", cpumask::dying()),
        ] {
            seq_print!(m, "# {name}: {mask}\n");
        }
    }
}

impl SeqOperations for Report {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos < Self::ALL.saturating_add(1)).then_some(pos)
    }

    fn show(&self, _: &(), index: usize, m: &SeqFile) -> Result {
        let Some(case) = index.checked_sub(1) else {
            Self::plan(m);
            return Ok(());
        };

        let (name, size, outcome) = if case < Self::BITS {
            let (name, check) = bits::CHECKS[case % bits::CHECKS.len()];
            let size = SIZES[case / bits::CHECKS.len()];
            (name, Some(size), check(size))
        } else {
            let (name, check) = *cpus::CHECKS
                .get(case.wrapping_sub(Self::BITS))
                .ok_or(EINVAL)?;
            (name, None, check())
        };

        if let Err(failure) = outcome {
            seq_print!(m, "# {failure}\nnot ");
        }
        seq_print!(m, "ok {index} {name}");
        if let Some(size) = size {
            seq_print!(m, ", {size} bits");
        }
        seq_print!(m, "\n");
        Ok(())
    }
}

#[pin_data]
struct CpuMaskTest {
    #[pin]
    report: procfs::Registration<Report>,
}

impl kernel::InPlaceModule for CpuMaskTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            report <- procfs::Registration::new(c"cpumask_test", 0o444, Report),
        }? Error)
    }
}
