// SPDX-License-Identifier: GPL-2.0

//! Steps, and the programs that they make.

use crate::Mistake;

/// Names one of two events. They have a counter by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    A,
    B,
}

/// Is what a program does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// An event happens, on CPU 1 if that runs: its tracepoint is entered.
    Happen(Event),
    /// The tracepoint asks for a probe. Without one it is left at once.
    Probe(Event),
    /// The probe's instruction loads this CPU's copy.
    Load(Event),
    /// The same instruction stores it, plus one.
    Store(Event),
    /// The tracepoint is left.
    Return(Event),

    /// The CPU hotplug lock is taken for writing, and released.
    WriteLock,
    WriteUnlock,
    /// CPU 1 leaves `cpu_online_mask`.
    Offline,
    /// CPU 1 executes its last instruction.
    Die,
    /// CPU 1 comes back.
    Online,
    /// The state's callback is called if there is a state.
    Callback,
    /// A fold loads what was folded of an event before,
    FoldLoad(Event),
    /// loads the dead CPU's copy,
    TakeLoad(Event),
    /// empties it,
    TakeStore(Event),
    /// and stores the sum.
    FoldStore(Event),

    /// The file is entered, unless it was removed, and left.
    EnterFile,
    LeaveFile,
    /// The hotplug lock is taken for reading, and released.
    ReadLock,
    ReadUnlock,
    /// The mutex of the list is taken, and released.
    ListLock,
    ListUnlock,
    /// A reader begins with a record, if it sees it.
    See(Event),
    /// A reader loads what was folded.
    ReadFolded(Event),
    /// A reader loads the copy of a CPU, if that was online when the lock was taken.
    ReadCopy(Event, usize),
    /// A reader says what it has read.
    Judge(Event),
    /// What was read must be more than what was read before, if there was something both times.
    JudgeMore(Event),

    /// A record is put on the list, hidden, and taken off.
    List(Event),
    Unlist(Event),
    /// A probe is attached, and detached.
    Attach(Event),
    Detach(Event),
    /// Readers see a record, or do not.
    Show(Event),
    Hide(Event),
    /// Waits until the probes that run have returned.
    Synchronize(Event),
    /// A counter that is given back is emptied, CPU by CPU.
    Clear(usize),

    /// The file is removed, and whoever is in it is waited for.
    RemoveFile,
    WaitForReaders,
    /// The hotplug state is removed.
    RemoveState,
    /// The module's memory is freed.
    Free,
}

/// Lists the steps of a program.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: &'static str,
    pub steps: Vec<Step>,
}

impl Program {
    /// Makes a program of some parts.
    pub fn new(name: &'static str, parts: &[&[Step]]) -> Self {
        Self {
            name,
            steps: parts.concat(),
        }
    }
}

use Step::*;

/// An event happens.
pub fn happens(event: Event) -> Vec<Step> {
    vec![
        Happen(event),
        Probe(event),
        Load(event),
        Store(event),
        Return(event),
    ]
}

/// CPU 1 goes down.
pub fn goes_down(events: &[Event], mistake: Option<Mistake>) -> Vec<Step> {
    let mut fold = vec![Callback, ListLock];
    for &event in events {
        fold.extend([
            FoldLoad(event),
            TakeLoad(event),
            TakeStore(event),
            FoldStore(event),
        ]);
    }
    fold.push(ListUnlock);
    let parts: [&[Step]; 4] = match mistake {
        Some(Mistake::NoFold) => [&[WriteLock, Offline, Die], &[], &[WriteUnlock], &[]],
        Some(Mistake::FoldAlive) => [&[WriteLock], &fold, &[Offline, Die], &[WriteUnlock]],
        Some(Mistake::FoldUnlocked) => [&[WriteLock, Offline, Die], &[WriteUnlock], &fold, &[]],
        _ => [&[WriteLock, Offline, Die], &fold, &[WriteUnlock], &[]],
    };
    parts.concat()
}

/// CPU 1 comes back.
pub fn comes_up() -> Vec<Step> {
    vec![WriteLock, Online, WriteUnlock]
}

/// Somebody reads a record of /proc/tally, or of /proc/tally_percpu, where `departed` is last.
pub fn reads(event: Event, percpu: bool, judge: Step, mistake: Option<Mistake>) -> Vec<Step> {
    let total = match (mistake, percpu) {
        (Some(Mistake::ReadOnline), _) => vec![ReadCopy(event, 0), ReadCopy(event, 1)],
        (_, false) => vec![ReadFolded(event), ReadCopy(event, 0), ReadCopy(event, 1)],
        (_, true) => vec![ReadCopy(event, 0), ReadCopy(event, 1), ReadFolded(event)],
    };
    let mut steps = vec![EnterFile, ReadLock, ListLock, See(event)];
    steps.extend(total);
    steps.extend([judge, ListUnlock, ReadUnlock, LeaveFile]);
    steps
}

/// A write enables an event.
pub fn enables(event: Event, mistake: Option<Mistake>) -> Vec<Step> {
    let (list, show) = (
        [ListLock, List(event), ListUnlock],
        [ListLock, Show(event), ListUnlock],
    );
    let attach = [Attach(event)];
    let parts: [&[Step]; 3] = match mistake {
        Some(Mistake::ShowFirst) => [&list, &show, &attach],
        Some(Mistake::ListLast) => [&attach, &list, &show],
        _ => [&list, &attach, &show],
    };
    parts.concat()
}

/// A write disables an event, whose counter is given back.
pub fn disables(event: Event, mistake: Option<Mistake>) -> Vec<Step> {
    let hide = [ListLock, Hide(event), ListUnlock];
    let mut steps = match mistake {
        Some(Mistake::HideLast) => [&[Detach(event), Synchronize(event)][..], &hide].concat(),
        Some(Mistake::NoWait) => [&hide[..], &[Detach(event)]].concat(),
        _ => [&hide[..], &[Detach(event), Synchronize(event)]].concat(),
    };
    steps.extend([ListLock, Unlist(event), ListUnlock]);
    match mistake {
        Some(Mistake::CounterKept) => {}
        Some(Mistake::CounterKeptOffline) => steps.push(Clear(0)),
        _ => steps.extend([Clear(0), Clear(1)]),
    }
    steps
}

/// The module goes: its fields are dropped in their order, and then its memory.
pub fn unloads(event: Event, mistake: Option<Mistake>) -> Vec<Step> {
    let remove_state = match mistake {
        Some(Mistake::StateUnlocked) => vec![RemoveState],
        _ => vec![ReadLock, RemoveState, ReadUnlock],
    };
    let mut steps = vec![
        RemoveFile,
        WaitForReaders,
        Detach(event),
        Synchronize(event),
    ];
    let at = match mistake {
        Some(Mistake::FreeBeforeReaders) => Some(1),
        Some(Mistake::FreeBeforeProbes) => Some(3),
        Some(Mistake::FreeBeforeState) => Some(4),
        _ => None,
    };
    steps.extend(remove_state);
    steps.insert(at.unwrap_or(steps.len()), Free);
    steps
}
