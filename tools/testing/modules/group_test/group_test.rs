// SPDX-License-Identifier: GPL-2.0

//! Test of `tally::Group`.
//!
//! The cases of [`names`] and [`c`] run when /proc/group_test is read, which prints KTAP. Each read
//! of /proc/group_work counts one in the group `group_test` and in `group_test_c`, which is C's. Each
//! of /proc/group_churn adds a group and takes it away again, as does each CPU that comes or goes.
//! `tools/testing/guest/test_groups.py` looks on.

mod c;
#[path = "../ktap.rs"]
mod ktap;
mod names;

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    str::CString,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    compat::value_ref,
    notifier::{
        self,
        Notify,
        Subscriber, //
    },
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};
use tally::{
    counters,
    hotplug::chain::{
        CpuChain,
        CpuEvent,
        CHAIN, //
    },
    Group, //
};

use crate::{
    c::CGroup,
    ktap::Report, //
};

module! {
    type: GroupTest,
    name: "group_test",
    authors: ["The tally developers"],
    description: "Test of tally's groups of other modules",
    license: "GPL",
    params: {
        forget: u8 {
            default: 0,
            description: "1: leave a group behind when the module goes",
        },
    },
}

counters! {
    /// What this module did.
    struct Done {
        /// Reads of /proc/group_work.
        work: u64,
        /// Groups that came and went in hotplug callbacks.
        in_callbacks: u64,
        /// Groups that could not be added.
        errors: u64,
    }
}

/// /proc/group_work: its one record is shown once for each read from the beginning.
struct Work {
    done: Arc<Group<Done>>,
    c: CGroup,
}

impl SeqOperations for Work {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _guard: &(), _index: usize, m: &SeqFile) -> Result {
        self.done.work.inc();
        self.c.count();
        seq_print!(m, "done\n");
        Ok(())
    }
}

/// Adds a group of a name that nobody had before, counts in it, and takes it away.
fn come_and_go() -> Result {
    static LAST: Atomic<u64> = Atomic::new(0);

    let number = LAST.fetch_add(1, Relaxed);
    let group = Group::<Done>::new(&*CString::try_from_fmt(fmt!("churn{number}"))?)?;
    group.work.inc();
    Ok(())
}

/// /proc/group_churn: so does this one.
struct Churn;

impl SeqOperations for Churn {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _guard: &(), _index: usize, m: &SeqFile) -> Result {
        come_and_go()?;
        seq_print!(m, "done\n");
        Ok(())
    }
}

/// On the hotplug chain.
struct InCallbacks(Arc<Group<Done>>);

impl Subscriber<CpuChain> for InCallbacks {
    fn notify(&self, _event: &CpuEvent<'_>) -> Notify {
        match come_and_go() {
            Ok(()) => self.0.in_callbacks.inc(),
            Err(_) => self.0.errors.inc(),
        }
        Notify::Ok
    }
}

#[pin_data]
struct GroupTest {
    #[pin]
    report: procfs::Registration<Report>,
    #[pin]
    work: procfs::Registration<Work>,
    #[pin]
    churn: procfs::Registration<Churn>,
    #[pin]
    in_callbacks: notifier::Registration<CpuChain, InCallbacks>,
}

impl kernel::InPlaceModule for GroupTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let done = Arc::new(Group::<Done>::new(c"group_test")?, GFP_KERNEL)?;

            if *value_ref(&module_parameters::forget) != 0 {
                let forgotten = Group::<Done>::new(c"forgotten")?;
                forgotten.work.add(42);
                core::mem::forget(forgotten);
            }

            let c = CGroup::new()?;

            Ok(try_pin_init!(Self {
                in_callbacks <- notifier::Registration::new(&CHAIN, 0, InCallbacks(done.clone())),
                work <- procfs::Registration::new(c"group_work", 0o444, Work { done, c }),
                churn <- procfs::Registration::new(c"group_churn", 0o444, Churn),
                report <- procfs::Registration::new(c"group_test", 0o444, Report(&[names::CASES, c::CASES])),
            }? Error))
        })
    }
}
