// SPDX-License-Identifier: GPL-2.0

//! Dynamic records: what is counted because somebody wrote to /proc/tally.
//!
//! There are three kinds: [`events`], each of which is counted, [`times`] from one event to another, or
//! of one handler, and [`latencies`], some of which have a record for each disk. What follows is the story
//! of one write.
//!
//! 1. **Open.** [`control`] asks whether whoever *opened* the file has `CAP_PERFMON`: the file may have
//!    been passed on. A kernel that is locked down takes no command that would count more.
//! 2. **Parse.** [`command`] makes commands of the lines. One line that is not understood is the end
//!    of the write, and nothing has happened.
//! 3. **Plan.** A [`plan`] for each kind takes the commands one after another and says which records
//!    are to be stopped and which are to be added. It looks events up, and heeds `max_events`, but
//!    has no side effects: if a command fails, the plan is dropped, and nothing has happened.
//! 4. **Prepare.** A [`transaction`] for each kind makes the records that are to be added, puts them
//!    on the list of their kind ([`records`]), hidden, and attaches their probes. This is the last
//!    step that can fail, of `ENOMEM`, say, or `max_bytes`, or because an event's module has gone.
//! 5. **Commit.** Under one hold of the list's lock, what is stopped becomes hidden and what was
//!    added becomes visible. This cannot fail. (The kinds have a list each, so a reader may come
//!    between them, but there is no way back any more.)
//! 6. **Tear down**, which is also how a write is **rolled back**. When a transaction is dropped it
//!    detaches the probes of all records that are hidden, waits until these have returned on all CPUs,
//!    once for all of them, and takes the records off the list. After a commit these are the records
//!    that were stopped. Without one they are those that were added.
//!
//! # The life of a record
//!
//! ```text
//!            new_record()   attach()    commit()          commit()   detach    trim()
//!                 |            |           |                 |       and wait     |
//!  counts                      |<------------------------------------>|           |
//!  is seen by readers                      |<--------------->|                    |
//!  is folded      |<------------------------------------------------------------->|
//! ```
//!
//! A record is folded for longer than it counts, so no count of a CPU that dies is lost. It counts for
//! longer than it is seen, so a reader never finds one that does not count yet, or any more.
//!
//! # Locks
//!
//! ```text
//!  a writer                      a reader                    a CPU that dies
//!
//!  Control::tables               CPU hotplug lock,           CPU hotplug lock,
//!  |                             for reading                 for writing
//!  |  plan: modules              |                           |
//!  |  prepare:                   |                           |
//!  |    Records::list (push)     |  Records::list            |  Records::list
//!  |    tracepoints, then        |  | print records, as      |  | fold all records
//!  |      CPU hotplug lock,      |  | many as fit into the   |
//!  |      for reading            |  | reader's buffer        |
//!  |  commit: Records::list      |                           |
//!  |  tear down:                 |                           |
//!  |    tracepoints, wait        |                           |
//!  |    Records::list (retain)   |                           |
//!  v                             v                           v
//! ```
//!
//! `Control::tables` is the outermost lock, and only the writer takes it whose turn it is: who waits for a
//! turn ([`turns`]) can be interrupted, which a lock does not allow. `Records::list` is the innermost.
//! It is taken under the CPU hotplug lock, so whoever holds it must not attach or detach a probe, which
//! takes the CPU hotplug lock: a CPU that dies would wait for the list, and its holder for the CPU.
//!
//! Who tells of a disk that comes or goes is no writer. Between the two locks is therefore that of
//! [`latencies::Disks`], which a writer takes while it attaches or detaches what measures each disk, and who
//! tells of a disk takes under the mutex of the class of disks. A probe may be waited for under it.
//!
//! # Files
//!
//! Each imports from those below it alone.
//!
//! ```text
//!  control                        who may write, and in which order things are done
//!  transaction                    prepare, commit, tear down
//!  records                        the list for readers and folds
//!  events   times   latencies     the kinds
//!  plan                           what commands come to
//!  table                          records with their probes
//!  kind   handlers                what kinds have in common; handlers by name
//!  list   lengths                 records and their numbers; keys and slots of lengths of time
//!  turns                          one writer after another
//!  command{,/pattern}             the grammar
//! ```

mod command;
mod control;
mod events;
mod handlers;
mod kind;
mod latencies;
mod lengths;
mod list;
mod plan;
mod records;
mod table;
mod times;
mod transaction;
mod turns;

pub(crate) use self::{
    control::Control,
    latencies::Disks, //
};
