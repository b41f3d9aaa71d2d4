// SPDX-License-Identifier: GPL-2.0

//! The search of all states.

use std::collections::{
    HashMap,
    VecDeque, //
};

use crate::{
    state::Outcome,
    Mistake,
    Program,
    State,
    Step, //
};

/// Visits all states that programs can be in beside each other, the nearest first, and prints how
/// many there are.
///
/// Panics at the first in which something is wrong, with the steps that led there.
pub fn search(name: &str, first: State, programs: &[Program], mistake: Option<Mistake>) {
    let mut known = HashMap::from([(first.clone(), 0)]);
    // Where each state comes from, and by which step of which program.
    let mut from: Vec<Option<(usize, usize, Step)>> = vec![None];
    let mut waiting = VecDeque::from([(first, 0)]);
    let mut steps = 0u64;

    while let Some((state, number)) = waiting.pop_front() {
        let (mut ended, mut went_on) = (0, false);
        for (index, program) in programs.iter().enumerate() {
            let Some(step) = state.next(index, program) else {
                ended += 1;
                continue;
            };
            match state.take(index, step, mistake) {
                Outcome::Waits => {}
                Outcome::Wrong(wrong) => {
                    let trace = trace(&from, number, (index, step), programs);
                    panic!("{wrong}\n{trace}");
                }
                Outcome::Done(next) => {
                    (steps, went_on) = (steps + 1, true);
                    let fresh = from.len();
                    if *known.entry(next.clone()).or_insert(fresh) == fresh {
                        from.push(Some((number, index, step)));
                        waiting.push_back((next, fresh));
                    }
                }
            }
        }
        let wrong = match (ended == programs.len(), went_on) {
            (true, _) => state.judge_end().err(),
            (false, false) => Some("all wait for each other".to_string()),
            (false, true) => None,
        };
        if let Some(wrong) = wrong {
            panic!("{wrong}\n{}", path(&from, number, programs));
        }
    }
    println!("{name}: {} states, {steps} steps", from.len());
    assert!(from.len() > 100, "there is nothing to interleave");
}

/// Returns the steps that led to a state, and one more.
fn trace(
    from: &[Option<(usize, usize, Step)>],
    number: usize,
    (index, step): (usize, Step),
    programs: &[Program],
) -> String {
    path(from, number, programs) + &format!("{}: {step:?}\n", programs[index].name)
}

/// Returns the steps that led to a state, a line each.
fn path(from: &[Option<(usize, usize, Step)>], mut number: usize, programs: &[Program]) -> String {
    let mut lines = Vec::new();
    while let Some((before, index, step)) = from[number] {
        lines.push(format!("{}: {step:?}\n", programs[index].name));
        number = before;
    }
    lines.into_iter().rev().collect()
}
