// SPDX-License-Identifier: GPL-2.0

//! `tally top` on a terminal. What is on its screen is tested beside it, and a whole session in
//! tools/testing/parts/screens.

mod common;

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    process::{Child, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use common::{Machine, text};
use nix::{
    pty::{OpenptyResult, Winsize, openpty},
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// A program that runs on a terminal.
struct Session {
    child: Child,
    terminal: File,
    output: Receiver<Vec<u8>>,
    seen: String,
    _machine: Machine,
}

impl Session {
    fn of(variables: &[(&str, &str)]) -> Self {
        let machine = Machine::of("4-cpus");
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let OpenptyResult { master, slave } = openpty(&size, None).expect("there is a terminal");
        let side = |fd: &OwnedFd| Stdio::from(fd.try_clone().expect("it can be"));
        let child = machine
            .command()
            .args(["top", "--delay", "0.1"])
            .envs(variables.iter().copied())
            .stdin(side(&slave))
            .stdout(side(&slave))
            .stderr(side(&slave))
            .spawn()
            .expect("it can be run");
        drop(slave);
        let terminal = File::from(master);
        let mut reader = terminal.try_clone().expect("it can be");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            terminal,
            output,
            seen: String::new(),
            _machine: machine,
        }
    }

    /// Waits until it has sent this.
    fn expect(&mut self, wanted: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.seen.contains(wanted) {
            let left = deadline.saturating_duration_since(Instant::now());
            let more = self.output.recv_timeout(left);
            let more = more.unwrap_or_else(|_| panic!("no {wanted:?} in {:?}", self.seen));
            self.seen += &String::from_utf8_lossy(&more);
        }
    }

    fn press(&mut self, keys: &str) {
        self.terminal
            .write_all(keys.as_bytes())
            .expect("it takes keys");
    }

    /// Waits for its end, and returns all that it has sent.
    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it ends");
        while let Ok(more) = self.output.recv_timeout(Duration::from_secs(5)) {
            self.seen += &String::from_utf8_lossy(&more);
        }
        (status, self.seen)
    }
}

const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?1049l";
const XTERM: (&str, &str) = ("TERM", "xterm-256color");

#[test]
fn a_session() {
    let mut session = Session::of(&[XTERM, ("LANG", "C.UTF-8")]);
    session.expect(ENTER);
    session.expect("nr_switches");
    session.expect("48;5;");
    session.press("?");
    session.expect("quit");
    session.press("q");
    let (status, seen) = session.end();
    assert!(status.success(), "{status}: {seen:?}");
    assert!(seen.contains(LEAVE), "{seen:?}");
}

#[test]
fn no_colour() {
    let mut session = Session::of(&[XTERM, ("NO_COLOR", "1")]);
    session.expect("nr_switches");
    session.press("?q");
    let (_, seen) = session.end();
    // Bold, faint and reversed letters, and no others.
    for part in seen.split("\x1b[").skip(1) {
        let end = part.find(|letter: char| !letter.is_ascii_digit() && letter != ';');
        let (codes, rest) = part.split_at(end.unwrap_or(part.len()));
        if rest.starts_with('m') {
            assert!(
                ["", "0", "1", "2", "7", "22", "27"].contains(&codes),
                "{codes} in {seen:?}"
            );
        }
    }
}

#[test]
fn who_ends_it_finds_the_terminal_as_it_was() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut session = Session::of(&[XTERM]);
        session.expect("nr_switches");
        let pid = Pid::from_raw(session.child.id().try_into().expect("it fits"));
        kill(pid, signal).expect("it is there");
        let (status, seen) = session.end();
        assert!(!status.success(), "{status}");
        assert!(seen.contains(LEAVE), "{seen:?}");
    }
}

#[test]
fn terminals_that_are_none() {
    let done = Machine::of("4-cpus")
        .command()
        .args(["top"])
        .stdin(Stdio::null())
        .output()
        .expect("it can be run");
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(
        text(&done.stderr),
        "tally: top needs a terminal to draw on and to read keys from; \"tally show --watch 1\" \
         prints to anything\n"
    );
    for term in ["dumb", ""] {
        let session = Session::of(&[("TERM", term)]);
        let (status, seen) = session.end();
        assert_eq!(status.code(), Some(1));
        assert_eq!(
            seen,
            "tally: top needs a terminal that can move its cursor, and TERM does not name one; \
             \"tally show --watch 1\" prints to anything\r\n"
        );
    }
}

#[test]
fn without_tally_the_terminal_is_left_alone() {
    let machine = Machine::empty();
    let done = machine
        .command()
        .args(["top", "--delay", "0"])
        .output()
        .expect("it can be run");
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
    let session = Session::of(&[XTERM, ("TALLY_PROCFS", "/no/such/directory")]);
    let (status, seen) = session.end();
    assert_eq!(status.code(), Some(1));
    assert!(
        seen.starts_with("tally: there is no /no/such/directory/tally_percpu: tally is not loaded"),
        "{seen:?}"
    );
}
