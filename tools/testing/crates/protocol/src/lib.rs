// SPDX-License-Identifier: GPL-2.0

//! The protocol by which counts stay exact, as a model that is searched in all interleavings.
//!
//! Some programs run beside each other: events that happen, CPUs that go and come, readers, a
//! writer that enables and disables events, a module that is unloaded. Each is a list of [`Step`]s,
//! and a step is what no other program comes into: an access to memory, a lock that is taken. A
//! [`search`] visits every state that any order of the steps leads to. Wherever a program judges
//! what it has read, a total must be between what was counted before it began to read and what had
//! begun to count when it ended; nothing is touched that was freed; no program waits for ever.
//!
//! Documentation/design.md says which step is which code. That each step has to be as it is shows a
//! [`Mistake`]: for each there is a test in which the search finds the order in which a count is
//! lost, counted twice, or counted where it does not belong, and prints it.
//!
//! Memory is sequentially consistent here. That is enough as long as what one program reads of
//! another is one word, or under a lock; where it is neither, the sources say why (`ORDERING:`).

mod mistake;
mod search;
mod state;
pub mod step;

pub use self::{
    mistake::Mistake,
    search::search,
    state::State,
    step::{
        Event,
        Program,
        Step, //
    }, //
};
