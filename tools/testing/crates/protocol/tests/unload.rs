// SPDX-License-Identifier: GPL-2.0

//! A module goes while events happen, a CPU goes, and somebody reads.

use tally_protocol::{
    search,
    step::{
        goes_down,
        happens,
        reads,
        unloads, //
    },
    Event::A,
    Mistake,
    Program,
    State,
    Step::Judge, //
};

fn unloaded(name: &str, mistake: Option<Mistake>) {
    let programs = [
        Program::new("task", &[&happens(A), &happens(A)]),
        Program::new("hotplug", &[&goes_down(&[A], mistake)]),
        Program::new("reader", &[&reads(A, true, Judge(A), mistake)]),
        Program::new("unload", &[&unloads(A, mistake)]),
    ];
    search(name, State::new(4, true), &programs, mistake);
}

#[test]
fn nothing_is_used_after_it_was_freed() {
    unloaded("nothing_is_used_after_it_was_freed", None);
}

#[test]
#[should_panic(expected = "used after it was freed")]
fn mistake_free_before_probes() {
    unloaded("", Some(Mistake::FreeBeforeProbes));
}

#[test]
#[should_panic(expected = "used after it was freed")]
fn mistake_free_before_state() {
    unloaded("", Some(Mistake::FreeBeforeState));
}

#[test]
#[should_panic(expected = "used after it was freed")]
fn mistake_state_unlocked() {
    unloaded("", Some(Mistake::StateUnlocked));
}

#[test]
#[should_panic(expected = "used after it was freed")]
fn mistake_free_before_readers() {
    unloaded("", Some(Mistake::FreeBeforeReaders));
}
