// SPDX-License-Identifier: GPL-2.0

//! `tally stat`: how the command is run. What is counted is tested in a guest.

mod common;

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::Stdio,
};

use common::{Machine, text};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

fn stat(args: &[&str]) -> std::process::Output {
    Machine::of("4-cpus").run(&[&["stat"], args].concat())
}

#[test]
fn it_prints_what_perf_stat_prints() {
    let done = stat(&["--", "echo", "hello"]);
    assert_eq!(
        (done.status.code(), text(&done.stdout)),
        (Some(0), "hello\n".into())
    );
    let said = text(&done.stderr);
    assert!(
        said.starts_with("\n Performance counter stats for 'system wide':\n\n"),
        "{said}"
    );
    assert!(
        said.contains("\n                 0      nr_switches\n"),
        "{said}"
    );
    assert!(said.contains(" seconds time elapsed\n\n"), "{said}");
    assert!(
        said.contains(" seconds user\n") && said.contains(" seconds sys\n"),
        "{said}"
    );
}

#[test]
fn the_exit_status_is_passed_on() {
    for code in [0, 1, 7, 125, 255] {
        assert_eq!(
            stat(&["--", "sh", "-c", &format!("exit {code}")])
                .status
                .code(),
            Some(code)
        );
    }
}

#[test]
fn the_dashes_before_the_command_may_be_left_out() {
    let command = ["sh", "-c", "echo $0 $1 $2; exit 7", "-x", "--procfs", "--"];
    for dashes in [&[][..], &["--"]] {
        let done = stat(&[&["-r", "1"], dashes, &command].concat());
        assert_eq!(
            (done.status.code(), text(&done.stdout)),
            (Some(7), "-x --procfs --\n".into())
        );
    }
}

#[test]
fn so_is_the_signal() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGKILL,
        Signal::SIGSEGV,
        Signal::SIGINT,
    ] {
        let done = stat(&["--", "sh", "-c", &format!("kill -{} $$", signal as i32)]);
        assert_eq!(done.status.signal(), Some(signal as i32));
        assert!(text(&done.stderr).contains("time elapsed"));
    }
}

#[test]
fn signals_reach_the_command() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGUSR1,
    ] {
        let machine = Machine::of("4-cpus");
        let mut child = machine
            .command()
            // The shell says when it is there, and that it has been told.
            .args(["stat", "-r", "3", "--", "sh", "-c"])
            .arg(format!(
                "trap 'echo told; exit 3' {}; echo there; while :; do sleep 0.1; done",
                signal as i32
            ))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group_of_its_own()
            .spawn()
            .expect("it can be run");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        assert_eq!(
            lines.next().expect("it says so").expect("it is text"),
            "there"
        );
        let pid = Pid::from_raw(child.id().try_into().expect("it fits"));
        kill(pid, signal).expect("it is there");
        assert_eq!(
            lines.next().expect("it says so").expect("it is text"),
            "told"
        );
        if signal == Signal::SIGUSR1 {
            // That one is the command's own affair, so it is run again.
            assert_eq!(
                lines.next().expect("it says so").expect("it is text"),
                "there"
            );
            kill(pid, Signal::SIGTERM).expect("it is there");
        }
        let done = child.wait_with_output().expect("it ends");
        if signal != Signal::SIGUSR1 {
            assert_eq!(done.status.code(), Some(3), "{signal}");
        }
        assert!(text(&done.stderr).contains("time elapsed"));
    }
}

/// Has no terminal send a signal to it.
trait Apart {
    fn process_group_of_its_own(&mut self) -> &mut Self;
}

impl Apart for std::process::Command {
    fn process_group_of_its_own(&mut self) -> &mut Self {
        std::os::unix::process::CommandExt::process_group(self, 0)
    }
}

#[test]
fn what_cannot_be_run() {
    let done = stat(&["--", "/no/such/command"]);
    assert_eq!(done.status.code(), Some(127));
    assert_eq!(
        text(&done.stderr),
        "tally: there is no command /no/such/command\n"
    );
    let done = stat(&["--", "/etc/passwd"]);
    assert_eq!(done.status.code(), Some(126));
    assert_eq!(text(&done.stderr), "tally: /etc/passwd may not be run\n");
}

#[test]
fn what_cannot_be_counted() {
    let done = Machine::empty().run(&["stat", "--", "true"]);
    assert_eq!(done.status.code(), Some(125));
    assert!(text(&done.stderr).contains("tally is not loaded"));
    for (event, why) in [
        ("nonsense", "is no event"),
        ("a:b..c:d", "stat counts events"),
        ("softirq:rcu", "stat counts events"),
        ("latency:*", "stat counts events"),
    ] {
        let done = stat(&["-e", event, "--", "true"]);
        assert_eq!(done.status.code(), Some(125));
        assert!(text(&done.stderr).contains(why), "{}", text(&done.stderr));
    }
}

#[test]
fn fields_for_programs() {
    let done = stat(&[
        "-x,",
        "-e",
        "sched:sched_switch,irq:tasklet_entry",
        "--",
        "true",
    ]);
    let lines: Vec<Vec<String>> = text(&done.stderr)
        .lines()
        .map(|line| line.split(',').map(str::to_string).collect())
        .collect();
    let names: Vec<&str> = lines.iter().map(|line| line[2].as_str()).collect();
    assert_eq!(names, ["sched:sched_switch", "irq:tasklet_entry"]);
    for line in lines {
        assert_eq!(
            (line.len(), line[0].as_str(), line[4].as_str()),
            (7, "0", "100.00")
        );
    }
}

#[test]
fn many_runs_into_a_file() {
    let machine = Machine::of("4-cpus");
    let path = machine.root.join("out");
    let done = machine.run(&[
        "stat",
        "-r",
        "3",
        "-o",
        path.to_str().expect("it is text"),
        "--",
        "echo",
        "x",
    ]);
    assert_eq!(
        (text(&done.stdout), text(&done.stderr)),
        ("x\nx\nx\n".into(), String::new())
    );
    let said = fs::read_to_string(path).expect("it is there");
    assert!(
        said.contains("'system wide' (3 runs):") && said.contains("( +-  0.00% )"),
        "{said}"
    );
}
