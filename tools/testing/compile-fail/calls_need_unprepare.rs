// SPDX-License-Identifier: GPL-2.0

//! A state that is called for CPUs that are up needs to know what to do when it is removed.
//! error: the trait bound `Fold: Unprepare` is not satisfied

use kernel_ext::cpuhp::{
    MultiRegistration,
    Prepare,
    PrepareCalls, //
};

struct Fold;

impl Prepare for Fold {}

fn state(_: MultiRegistration<PrepareCalls, Fold>) {}
