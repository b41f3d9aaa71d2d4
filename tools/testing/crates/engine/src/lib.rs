// SPDX-License-Identifier: GPL-2.0

//! What becomes of writes to /proc/tally, on the host.
//!
//! All of src/tally/dynamic is compiled here as it is, with src/tally/record, src/tally/limits.rs and
//! src/tally/group/names.rs, on crates that stand for the kernel. An [`Engine`] is a tally whose
//! events exist and happen as a test says; [`Model`] is what its documentation promises.

mod engine;
pub mod fuzz;
pub mod model;

pub use self::{
    engine::Engine,
    model::Model, //
};

#[path = "../../../../../src/tally/limits.rs"]
#[allow(dead_code)]
mod limits;

#[path = "../../../../../src/tally/dynamic"]
mod dynamic {
    //! The files of src/tally/dynamic, and a view of the grammar.

    mod command;
    mod control;
    mod events;
    mod handlers;
    mod kind;
    #[allow(unused_variables)] // What would be logged.
    mod latencies;
    mod lengths;
    mod list;
    mod plan;
    mod records;
    mod table;
    mod times;
    mod transaction;
    mod turns;

    pub(crate) use self::{
        control::Control,
        latencies::Disks, //
    };

    use kernel::prelude::*;

    use self::command::{
        Target,
        Text,
        Verb, //
    };

    /// Returns the mark and the names of each command of a text. Globs have no name.
    pub(crate) fn parsed(text: &[u8]) -> Result<Vec<(&'static str, Vec<String>)>> {
        let string = |part: &CStr| part.to_string_lossy().into_owned();
        let mut text = Text::new(text)?;
        let commands = text.commands()?;
        let view = commands.iter().map(|command| {
            let mark = match command.verb {
                Verb::Count => "",
                Verb::Defer => "+",
                Verb::Stop => "!",
            };
            let names: Vec<_> = match command.target {
                Target::Events(pattern)
                | Target::Handlers(pattern)
                | Target::Latencies(pattern) => pattern.name().into_iter().collect(),
                Target::Time(pair) => pair.names().to_vec(),
            };
            let names = names
                .into_iter()
                .flat_map(|(system, event)| [string(system), string(event)]);
            (mark, names.collect())
        });
        Ok(view.collect())
    }
}

#[path = "../../../../../src/tally/record"]
mod record {
    //! The files of src/tally/record, and its traits.

    #[allow(dead_code)]
    mod computed;
    #[allow(dead_code)]
    mod counters;
    mod escaped;
    mod header;
    // Here `key!` has no user.
    #[allow(dead_code, unused_imports, unused_macros)]
    mod key;

    use core::ops::ControlFlow;

    use kernel_ext::cpuhp::DeadCpu;

    pub(crate) use self::{
        computed::{
            Computed,
            Section, //
        },
        counters::{
            Cells,
            Counters, //
        },
        escaped::Escaped,
        header::Header,
        key::{
            Key,
            MAX_KEY, //
        }, //
    };

    pub(crate) trait Record {
        fn header(&self) -> &[u8];

        fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>));

        fn fold(&self, cpu: &DeadCpu<'_>) {
            self.with_counters(&mut |counters| counters.fold(cpu));
        }
    }

    pub(crate) trait RecordSource: Send + Sync {
        fn try_for_each(
            &self,
            from: usize,
            f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
        ) -> ControlFlow<()>;

        fn fold(&self, cpu: &DeadCpu<'_>);

        fn stats(&self) -> Stats;
    }

    #[derive(Default)]
    pub(crate) struct Stats {
        pub(crate) records: usize,
        pub(crate) slots: usize,
        pub(crate) table_bytes: usize,
        pub(crate) events: usize,
        pub(crate) missed: u64,
    }
}

#[path = "../../../../../src/tally/group"]
mod group {
    //! The names of groups.

    #[allow(dead_code)]
    mod names;

    use kernel::prelude::*;

    pub(crate) fn check_name(name: &[u8]) -> Result {
        names::check_name(name)
    }

    pub(crate) fn check_key(key: &[u8]) -> Result {
        names::check_key(key)
    }
}

mod module_parameters {
    //! What `module!` makes of the parameters.
    #![allow(non_upper_case_globals)]

    use core::sync::atomic::{
        AtomicU32,
        AtomicU64,
        Ordering::Relaxed, //
    };

    use kernel_ext::compat::Parameter;

    /// Holds the value of a parameter, which a test sets before others read it.
    pub(crate) struct Number<A>(A);

    pub(crate) static max_events: Number<AtomicU32> = Number(AtomicU32::new(0));
    pub(crate) static max_bytes: Number<AtomicU64> = Number(AtomicU64::new(0));
    pub(crate) static events_public: Number<bool> = Number(false);

    impl Number<AtomicU32> {
        pub(crate) fn set(&self, value: u32) {
            self.0.store(value, Relaxed);
        }
    }

    impl Parameter for Number<AtomicU32> {
        type Value = u32;

        fn value(&self) -> u32 {
            self.0.load(Relaxed)
        }
    }

    impl Number<AtomicU64> {
        pub(crate) fn set(&self, value: u64) {
            self.0.store(value, Relaxed);
        }
    }

    impl Parameter for Number<AtomicU64> {
        type Value = u64;

        fn value(&self) -> u64 {
            self.0.load(Relaxed)
        }
    }

    impl Parameter for Number<bool> {
        type Value = bool;

        fn value(&self) -> bool {
            self.0
        }
    }
}

/// Returns the mark and the names of each command of a text, or an errno. Globs have no name.
pub fn parsed(text: &[u8]) -> Result<Vec<(&'static str, Vec<String>)>, i32> {
    dynamic::parsed(text).map_err(|error| -error.to_errno())
}

/// Returns 0 if a group may be called so, or an errno.
pub fn check_group_name(name: &[u8]) -> i32 {
    group::check_name(name).map_or_else(|error| -error.to_errno(), |()| 0)
}

/// Returns 0 if a counter of a group may be called so, or an errno.
pub fn check_group_key(key: &[u8]) -> i32 {
    group::check_key(key).map_or_else(|error| -error.to_errno(), |()| 0)
}

/// Returns how a key is laid out: itself, in front of a total, in front of the value of a section.
pub fn key(prefix: &str, number: u64, suffix: &str) -> [Vec<u8>; 3] {
    let key = record::Key::numbered(prefix, number, suffix);
    [key.name(), key.total(), key.slot()].map(<[u8]>::to_vec)
}

/// The longest key.
pub const MAX_KEY: usize = record::MAX_KEY;
