// SPDX-License-Identifier: GPL-2.0

//! An event is counted exactly from when it is enabled until it is disabled, and its counter is then
//! another event's.

use tally_protocol::{
    search,
    step::{
        comes_up,
        disables,
        enables,
        goes_down,
        happens,
        reads, //
    },
    Event::{
        A,
        B, //
    },
    Mistake,
    Program,
    State,
    Step::{
        Judge,
        JudgeMore, //
    }, //
};

/// An event is enabled and disabled, and another one after it.
fn used_again(name: &str, mistake: Option<Mistake>) {
    let programs = [
        Program::new("task", &[&happens(A), &happens(B)]),
        Program::new("hotplug", &[&goes_down(&[A, B], mistake), &comes_up()]),
        Program::new("reader", &[&reads(A, false, Judge(A), mistake)]),
        Program::new(
            "writer",
            &[
                &enables(A, mistake),
                &disables(A, mistake),
                &enables(B, mistake),
            ],
        ),
    ];
    search(name, State::new(4, false), &programs, mistake);
}

/// A reader has the event happen between two looks at it, while a writer enables and disables it.
fn seen(name: &str, mistake: Option<Mistake>) {
    let look = |judge| reads(A, false, judge, mistake);
    let programs = [
        Program::new(
            "reader",
            &[&look(Judge(A)), &happens(A), &look(JudgeMore(A))],
        ),
        Program::new("hotplug", &[&goes_down(&[A], mistake), &comes_up()]),
        Program::new("writer", &[&enables(A, mistake), &disables(A, mistake)]),
    ];
    search(name, State::new(3, false), &programs, mistake);
}

#[test]
fn a_counter_is_used_again() {
    used_again("a_counter_is_used_again", None);
}

#[test]
fn what_is_seen_counts() {
    seen("what_is_seen_counts", None);
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_fold_shown() {
    used_again("", Some(Mistake::FoldShown));
}

#[test]
#[should_panic(expected = "lost")]
fn mistake_list_last() {
    used_again("", Some(Mistake::ListLast));
}

#[test]
#[should_panic(expected = "seen and not counted")]
fn mistake_show_first() {
    seen("", Some(Mistake::ShowFirst));
}

#[test]
#[should_panic(expected = "seen and not counted")]
fn mistake_hide_last() {
    seen("", Some(Mistake::HideLast));
}

#[test]
#[should_panic(expected = "doubled")]
fn mistake_no_wait() {
    used_again("", Some(Mistake::NoWait));
}

#[test]
#[should_panic(expected = "doubled")]
fn mistake_counter_kept() {
    used_again("", Some(Mistake::CounterKept));
}

#[test]
#[should_panic(expected = "doubled")]
fn mistake_counter_kept_offline() {
    used_again("", Some(Mistake::CounterKeptOffline));
}
