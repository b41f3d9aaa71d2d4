// SPDX-License-Identifier: GPL-2.0

//! A counter is exact while a task and an interrupt count, a CPU goes, comes and goes again, and
//! both files are read.

use tally_protocol::{
    search,
    step::{
        comes_up,
        goes_down,
        happens,
        reads, //
    },
    Event::A,
    Mistake,
    Program,
    State,
    Step::Judge, //
};

fn programs(mistake: Option<Mistake>) -> Vec<Program> {
    let down = goes_down(&[A], mistake);
    let read = |percpu| reads(A, percpu, Judge(A), mistake);

    vec![
        Program::new("task", &[&happens(A), &happens(A)]),
        Program::new("interrupt", &[&happens(A)]),
        Program::new("hotplug", &[&down, &comes_up(), &down]),
        Program::new("reader", &[&read(false), &read(true)]),
    ]
}

fn exact(name: &str, mistake: Option<Mistake>) {
    search(name, State::new(4, true), &programs(mistake), mistake);
}

#[test]
fn counts_are_exact() {
    exact("counts_are_exact", None);
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_count_in_pieces() {
    exact("", Some(Mistake::CountInPieces));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_no_fold() {
    exact("", Some(Mistake::NoFold));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_fold_alive() {
    exact("", Some(Mistake::FoldAlive));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_fold_unlocked() {
    exact("", Some(Mistake::FoldUnlocked));
}

#[test]
#[should_panic(expected = "doubled")]
fn mistake_fold_leaves() {
    exact("", Some(Mistake::FoldLeaves));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_fold_forgets() {
    exact("", Some(Mistake::FoldForgets));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_read_unlocked() {
    exact("", Some(Mistake::ReadUnlocked));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_read_online() {
    exact("", Some(Mistake::ReadOnline));
}
