// SPDX-License-Identifier: GPL-2.0

//! Steps of the protocol that are done wrong.

/// Says which step of the protocol is done wrong, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// An interrupt may come between the load and the store by which a CPU counts.
    CountInPieces,
    /// Nobody folds.
    NoFold,
    /// A CPU is folded while it still runs, as a teardown in the ONLINE section would do.
    FoldAlive,
    /// A CPU is folded when the hotplug lock is free again.
    FoldUnlocked,
    /// What was folded stays in the dead CPU's copy.
    FoldLeaves,
    /// What was folded before is forgotten.
    FoldForgets,
    /// A reader does not take the hotplug lock.
    ReadUnlocked,
    /// A reader adds up the CPUs that are online alone.
    ReadOnline,
    /// A fold passes over records that readers do not see.
    FoldShown,
    /// A record is on the list when its probe is attached already.
    ListLast,
    /// Readers see a record before its probe is attached.
    ShowFirst,
    /// Readers see a record after its probe was detached.
    HideLast,
    /// A counter is given back while a probe may still run.
    NoWait,
    /// A counter that is given back keeps its value.
    CounterKept,
    /// A counter that is given back keeps its value on CPUs that are down.
    CounterKeptOffline,
    /// The module's memory goes before its probes have returned.
    FreeBeforeProbes,
    /// The module's memory goes before its hotplug state.
    FreeBeforeState,
    /// The hotplug state goes while a CPU that dies may call it.
    StateUnlocked,
    /// The module's memory goes before readers have left its file.
    FreeBeforeReaders,
}
