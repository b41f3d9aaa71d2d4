// SPDX-License-Identifier: GPL-2.0

//! The command: how it is run, which signals reach it, how it ends.

use std::{
    ffi::OsString,
    fmt,
    fs::File,
    io,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, ExitCode},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        resource::{Resource, UsageWho, getrusage, setrlimit},
        signal::{Signal, kill, raise},
        time::TimeVal,
        wait::{Id, WaitPidFlag, waitid},
    },
    unistd::{Pid, getpgrp, tcgetpgrp},
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2},
    iterator::Signals as Iterator,
    low_level,
};

/// Passes signals on to the command.
///
/// What a terminal sends it sends to both of us, so that is not sent again.
pub(super) struct Signals {
    child: Arc<Mutex<Option<Pid>>>,
    came: Arc<AtomicI32>,
}

impl Signals {
    /// Begins to watch for signals, until the program ends.
    pub(super) fn watch() -> io::Result<Self> {
        let found = Self {
            child: Arc::default(),
            came: Arc::default(),
        };
        let (child, came) = (Arc::clone(&found.child), Arc::clone(&found.came));
        let mut signals = Iterator::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2])?;
        thread::spawn(move || {
            for number in signals.forever() {
                let from_terminal = matches!(number, SIGINT | SIGQUIT) && in_foreground();
                let child = child.lock().unwrap_or_else(PoisonError::into_inner);
                if !matches!(number, SIGUSR1 | SIGUSR2) {
                    came.store(number, Ordering::Relaxed);
                }
                if from_terminal {
                    continue;
                }
                if let (Some(pid), Ok(signal)) = (*child, Signal::try_from(number)) {
                    // It may have ended, but its number is nobody else's as long as this is held.
                    let _ = kill(pid, signal);
                }
            }
        });
        Ok(found)
    }

    /// Returns the last that came and is to end what runs.
    pub(super) fn came(&self) -> Option<i32> {
        Some(self.came.load(Ordering::Relaxed)).filter(|&number| number != 0)
    }

    /// Starts the command, unless a signal came. One that comes meanwhile reaches it.
    fn spawn(&self, command: &mut Command) -> io::Result<Option<Child>> {
        let mut known = self.child();
        if self.came().is_some() {
            return Ok(None);
        }
        let child = command.spawn()?;
        *known = i32::try_from(child.id()).ok().map(Pid::from_raw);
        Ok(Some(child))
    }

    fn child(&self) -> MutexGuard<'_, Option<Pid>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whether the terminal, if there is one, sends its signals to us.
fn in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|tty| tcgetpgrp(tty) == Ok(getpgrp()))
}

/// How a command ended.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    /// With this exit status.
    Code(u8),
    /// By this signal.
    Signal(i32),
}

impl Ended {
    /// Ends the same way.
    pub(super) fn pass_on(self) -> ExitCode {
        match self {
            Self::Code(code) => ExitCode::from(code),
            Self::Signal(number) => {
                // One core is enough.
                let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
                match Signal::try_from(number) {
                    // These have no handler that could be taken away.
                    Ok(signal @ (Signal::SIGKILL | Signal::SIGSTOP)) => {
                        let _ = raise(signal);
                    }
                    _ => {
                        let _ = low_level::emulate_default_handler(number);
                    }
                }
                // What shells make of it, should we still be there.
                ExitCode::from(u8::try_from(128 + number).unwrap_or(u8::MAX))
            }
        }
    }
}

/// What a run took.
pub(super) struct Usage {
    pub(super) elapsed: Duration,
    pub(super) user: Duration,
    pub(super) sys: Duration,
}

/// A command that could not be run.
pub(super) struct CannotRun {
    command: OsString,
    error: io::Error,
}

impl CannotRun {
    /// Returns what shells make of it.
    pub(super) fn ended(&self) -> Ended {
        Ended::Code(if self.error.kind() == io::ErrorKind::NotFound {
            127
        } else {
            126
        })
    }
}

impl fmt::Display for CannotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = Path::new(&self.command).display();
        match self.error.kind() {
            io::ErrorKind::NotFound => write!(f, "there is no command {command}"),
            io::ErrorKind::PermissionDenied => write!(f, "{command} may not be run"),
            _ => write!(f, "{command} cannot be run: {}", self.error),
        }
    }
}

/// Runs a command to its end; not at all, if a signal came before it began.
pub(super) fn run(
    words: &[OsString],
    signals: &Signals,
) -> Result<Option<(Ended, Usage)>, CannotRun> {
    let cannot = |error: io::Error| CannotRun {
        command: words[0].clone(),
        error,
    };
    let before = times().map_err(|error| cannot(error.into()))?;
    let start = Instant::now();
    let mut command = Command::new(&words[0]);
    let Some(mut child) = signals.spawn(command.args(&words[1..])).map_err(cannot)? else {
        return Ok(None);
    };
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or(0));
    // It stays a zombie, whose number nobody else gets, until no signal can be sent to it.
    while waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(Errno::EINTR) {}
    let elapsed = start.elapsed();
    *signals.child() = None;
    let status = child.wait().map_err(cannot)?;
    let after = times().map_err(|error| cannot(error.into()))?;
    let ended = match (status.code(), status.signal()) {
        (_, Some(number)) => Ended::Signal(number),
        (code, None) => Ended::Code(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
    };
    let usage = Usage {
        elapsed,
        user: after.0.saturating_sub(before.0),
        sys: after.1.saturating_sub(before.1),
    };
    Ok(Some((ended, usage)))
}

/// Returns the time that our children took that have ended, in their own code and in the kernel.
fn times() -> nix::Result<(Duration, Duration)> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let duration = |time: TimeVal| {
        Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or(0))
            + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0))
    };
    Ok((duration(usage.user_time()), duration(usage.system_time())))
}
