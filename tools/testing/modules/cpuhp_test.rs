// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::cpuhp`: what is called, in which order, for which CPU, and where.
//!
//! The tests run when /proc/cpuhp_test is read, which prints KTAP. They take CPU 2 of a guest with
//! three CPUs down and up.

mod cpuhp_test {
    pub(crate) mod failures;
    pub(crate) mod kinds;
    pub(crate) mod machine;
    pub(crate) mod single;
    pub(crate) mod slots;
    pub(crate) mod watch;
}

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::Arc, //
};
use kernel_ext::procfs::{
    self,
    Opener,
    SeqOperations, //
};

use cpuhp_test::{
    failures,
    kinds,
    single,
    slots,
    watch::{
        Log,
        Outcome, //
    }, //
};

module! {
    type: CpuHpTest,
    name: "cpuhp_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::cpuhp",
    license: "GPL",
}

type Case = (&'static str, fn(&Arc<Log>) -> Outcome);

const CASES: &[Case] = &[
    ("PREPARE without calls", kinds::prepare),
    ("PREPARE with calls", kinds::prepare_calls),
    (
        "PREPARE with calls and a CPU down",
        kinds::prepare_calls_down,
    ),
    ("ONLINE with calls", kinds::online),
    ("ONLINE without calls", kinds::online_nocalls),
    ("many instances, with calls", kinds::instances),
    ("many instances in PREPARE", kinds::instances_prepare),
    ("states in the order of their numbers", kinds::order),
    ("the hotplug lock is held in callbacks", kinds::held),
    ("one instance without memory", single::calls),
    ("one instance under the lock", single::cpuslocked),
    ("one instance without calls", single::nocalls),
    ("a CPU that ONLINE refuses", failures::online),
    ("a CPU that PREPARE refuses", failures::prepare),
    ("a CPU that an instance refuses", failures::instance),
    ("an instance of PREPARE refuses", failures::instance_prepare),
    ("setup refused by a CPU that is up", failures::setup),
    ("an instance refused by a CPU that is up", failures::add),
    ("static numbers", slots::fixed),
    ("all PREPARE numbers taken", slots::exhaust_prepare),
    ("all ONLINE numbers taken", slots::exhaust_online),
];

/// The plan, and then a line for each case.
struct Report(Arc<Log>);

impl SeqOperations for Report {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos < CASES.len().saturating_add(1)).then_some(pos)
    }

    fn show(&self, _: &(), index: usize, m: &SeqFile) -> Result {
        let Some((name, case)) = index.checked_sub(1).and_then(|index| CASES.get(index)) else {
            seq_print!(m, "KTAP version 1\n1..{}\n", CASES.len());
            return Ok(());
        };

        let outcome = case(&self.0);
        self.0.clear();
        if let Err(failure) = outcome {
            seq_print!(m, "# {failure}\nnot ");
        }
        seq_print!(m, "ok {index} {name}\n");
        Ok(())
    }
}

#[pin_data]
struct CpuHpTest {
    #[pin]
    report: procfs::Registration<Report>,
}

impl kernel::InPlaceModule for CpuHpTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let log = Arc::pin_init(Log::new(), GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                report <- procfs::Registration::new(c"cpuhp_test", 0o444, Report(log)),
            }? Error))
        })
    }
}
