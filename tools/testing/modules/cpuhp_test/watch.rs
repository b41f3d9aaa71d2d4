// SPDX-License-Identifier: GPL-2.0

//! Callbacks that take note of each call.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    str::CString,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    cpuhp::{
        self,
        Callbacks,
        DeadCpu,
        Online,
        OnlineCpu,
        Prepare,
        StateId,
        Unprepare, //
    },
    cpumask::{
        self,
        PossibleCpu, //
    },
    percpu::raw_smp_processor_id, //
};

use super::machine;

/// What went wrong: after which step, what should have been called, and what was.
pub(crate) struct Failure {
    step: &'static str,
    wanted: &'static str,
    found: Option<CString>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, wanted, .. } = self;
        write!(f, "{step}: wanted '{wanted}', found '")?;
        if let Some(found) = &self.found {
            fmt::Display::fmt(&**found, f)?;
        }
        write!(f, "'")
    }
}

pub(crate) type Outcome = core::result::Result<(), Failure>;

/// A failure that is not about calls.
pub(crate) fn failed(
    step: &'static str,
    wanted: &'static str,
    found: fmt::Arguments<'_>,
) -> Failure {
    Failure {
        step,
        wanted,
        found: CString::try_from_fmt(found).ok(),
    }
}

/// Fails unless the condition holds.
pub(crate) fn check(step: &'static str, condition: bool) -> Outcome {
    if condition {
        return Ok(());
    }
    Err(failed(step, "yes", fmt!("no")))
}

/// What must work for a test to go on.
pub(crate) fn must<T>(step: &'static str, result: impl Into<Result<T>>) -> Result<T, Failure> {
    result
        .into()
        .map_err(|error| failed(step, "Ok", fmt!("{error:?}")))
}

/// A call: whose, what, about which CPU. The letters are those of the log's text.
type Call = (char, char, u32);

/// The calls since they were last looked at.
#[pin_data]
pub(crate) struct Log {
    #[pin]
    calls: Mutex<KVec<Call>>,
}

impl Log {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            calls <- new_mutex!(KVec::new()),
        })
    }

    fn push(&self, call: Call) {
        // A call that is not in the log fails the test.
        let _ = self.calls.lock().push(call, GFP_KERNEL);
    }

    pub(crate) fn clear(&self) {
        self.calls.lock().clear();
    }

    /// Compares the calls since the last time with `wanted`: `a+2 b-0`, in this order.
    ///
    /// `+` is a startup, `*` one that failed, `-` a teardown, `~` one of a CPU that is up, and `!`
    /// a call in the wrong place.
    pub(crate) fn expect(&self, step: &'static str, wanted: &'static str) -> Outcome {
        let calls = core::mem::take(&mut *self.calls.lock());

        let text = Text(&calls);
        match CString::try_from_fmt(fmt!("{text}")) {
            Ok(found) if found.to_bytes() == wanted.as_bytes() => Ok(()),
            found => Err(Failure {
                step,
                wanted,
                found: found.ok(),
            }),
        }
    }

    /// Takes the CPU down.
    pub(crate) fn down(&self, wanted: &'static str) -> Outcome {
        must("down", machine::down())?;
        self.expect("down", wanted)
    }

    /// Brings the CPU up.
    pub(crate) fn up(&self, wanted: &'static str) -> Outcome {
        must("up", machine::up())?;
        self.expect("up", wanted)
    }

    /// Tries to bring the CPU up, which must fail with `error`, and leave it down.
    pub(crate) fn up_fails(&self, error: Error, wanted: &'static str) -> Outcome {
        match machine::up() {
            Err(found) if found == error => {}
            found => return Err(failed("up", "an error", fmt!("{found:?}"))),
        }
        check(
            "the CPU is down",
            cpumask::online()
                .iter()
                .all(|cpu| cpu.as_u32() != machine::CPU),
        )?;
        self.expect("up", wanted)
    }
}

struct Text<'a>(&'a [Call]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (who, what, cpu)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{who}{what}{cpu}")?;
        }
        Ok(())
    }
}

/// Callbacks with a name of one letter.
pub(crate) struct Watch {
    name: char,
    log: Arc<Log>,
    refuses: Option<(u32, Error)>,
}

impl Watch {
    pub(crate) fn new(name: char, log: &Arc<Log>) -> Self {
        Self {
            name,
            log: log.clone(),
            refuses: None,
        }
    }

    /// Callbacks that refuse a CPU.
    pub(crate) fn refusing(name: char, log: &Arc<Log>, cpu: u32, error: Error) -> Self {
        Self {
            name,
            log: log.clone(),
            refuses: Some((cpu, error)),
        }
    }

    fn note(&self, what: char, cpu: PossibleCpu, in_place: bool) {
        let what = if in_place { what } else { '!' };
        self.log.push((self.name, what, cpu.as_u32()));
    }

    fn startup(&self, cpu: PossibleCpu, in_place: bool) -> Result {
        match self.refuses {
            Some((refused, error)) if refused == cpu.as_u32() => {
                self.note('*', cpu, in_place);
                Err(error)
            }
            _ => {
                self.note('+', cpu, in_place);
                Ok(())
            }
        }
    }
}

impl Prepare for Watch {
    fn prepare(&self, cpu: PossibleCpu) -> Result {
        self.startup(cpu, true)
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        self.note('-', cpu.id(), !cpumask::online().test(cpu.id()));
    }
}

impl Unprepare for Watch {
    fn unprepare(&self, cpu: PossibleCpu) {
        self.note('~', cpu, cpumask::online().test(cpu));
    }
}

impl Online for Watch {
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        self.startup(cpu.id(), cpu.id() == raw_smp_processor_id())
    }

    fn offline(&self, cpu: &OnlineCpu<'_>) {
        self.note('-', cpu.id(), cpu.id() == raw_smp_processor_id());
    }
}

/// Adds a state whose calls the log has under `name`.
pub(crate) fn watch_state<S: Callbacks<Watch>>(
    id: impl Into<StateId<S>>,
    name: char,
    log: &Arc<Log>,
) -> impl PinInit<cpuhp::Registration<S, Watch>, Error> {
    cpuhp::Registration::new(id, Watch::new(name, log))
}
