// SPDX-License-Identifier: GPL-2.0

//! What tests of the program share: machines made of files.
#![allow(dead_code, reason = "no test needs all of it")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
};

/// A directory that passes for /proc and for tracefs.
pub(crate) struct Machine {
    pub(crate) root: PathBuf,
}

impl Machine {
    /// Makes one without tally.
    pub(crate) fn empty() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&root).expect("a directory can be made");
        Self { root }
    }

    /// Makes one with the files of tools/testing/fixtures.
    pub(crate) fn of(fixture: &str) -> Self {
        let found = Self::empty();
        for file in ["tally", "tally_percpu"] {
            let text = fs::read_to_string(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("../../testing/fixtures")
                    .join(fixture)
                    .join(format!("{file}.txt")),
            );
            found.write(file, &text.expect("there is a fixture"));
        }
        found
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.root.join(file), text).expect("it can be written");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).expect("it can be read")
    }

    /// Has these events, and some that others made.
    pub(crate) fn with_events(self) -> Self {
        let events = "irq:irq_handler_entry\nirq:irq_handler_exit\nirq:softirq_entry\n\
                      irq:softirq_exit\nirq:softirq_raise\nirq:tasklet_entry\nirq:tasklet_exit\n\
                      kprobes:mine\nsched:sched_switch\nsched:sched_waking\n\
                      syscalls:sys_enter_read\nsyscalls:sys_exit_openat\nsyscalls:sys_exit_read\n";
        self.write("available_events", events);
        self.write("dynamic_events", "p:kprobes/mine do_sys_openat2\n");
        self
    }

    /// The program, with nothing of this machine's environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tally"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TALLY_PROCFS", &self.root)
            .env("TALLY_TRACEFS", &self.root);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).output().expect("it can be run")
    }

    /// What it prints when nothing is wrong.
    pub(crate) fn prints(&self, args: &[&str]) -> String {
        let done = self.run(args);
        assert!(done.status.success(), "{args:?}: {}", text(&done.stderr));
        text(&done.stdout)
    }

    /// What it says when something is.
    pub(crate) fn fails(&self, args: &[&str]) -> String {
        let done = self.run(args);
        assert_eq!(
            done.status.code(),
            Some(1),
            "{args:?}: {}",
            text(&done.stderr)
        );
        assert_eq!(text(&done.stdout), "");
        text(&done.stderr).replace(self.root.to_str().expect("it is text"), "DIR")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it is text")
}
