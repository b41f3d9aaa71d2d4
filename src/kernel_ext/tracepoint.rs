// SPDX-License-Identifier: GPL-2.0

//! Tracepoints found by name, and probes on them.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)
//!
//! There are two kinds of probes.
//!
//! A [`Probe`] is told what the event tells. It is written for one [`Tracepoint`], which is known
//! when it is compiled, and a [`Registration`] keeps it there. Few tracepoints are exported to
//! modules, but all that are built into the kernel can be walked, so they are found by name. The
//! types of their arguments are checked on both sides: Rust checks each probe against a type in C,
//! and C checks that type against the tracepoint.
//!
//! A [`BareProbe`] is not told anything, so it goes with every event. [`Probes`] attaches it to
//! events chosen by name while the machine runs, also to those of modules that come and go. An
//! [`Interval`] has a probe on each of two events, and measures the time between them.
//!
//! # Safe code does not write probes
//!
//! What a probe must do without cannot be told by a type, so both traits are `unsafe` to implement.
//! Safe code chooses among probes that are there, and says what they count in:
//!
//! | probe | of | counts |
//! |---|---|---|
//! | [`PerCpu<u64, P>`](crate::percpu::PerCpu) | any [`Tracepoint`] | how often it is passed, in a static variable |
//! | [`CountAllocated`], [`CountFreed`] | [`MmPageAlloc`], [`MmPageFree`] | pages, by node and zone |
//! | [`CountSectors`], [`CountRequests`], [`CountBios`], [`CountParts`], [`CountEnds`] | [`BlockRqComplete`] and its like | what disks do |
//! | [`Slot`](crate::percpu::Slot) | any event | how often it happens |
//! | [`Interval`] | any two events | the time between them |
//!
//! No code of their users runs in any of them, not even to pick a counter: the choice is data, which
//! was made before the probe was attached.

mod bare_probe;
mod built_in;
mod count;
mod disks;
mod event_name;
mod events;
mod interval;
mod own_module;
mod pages;
mod probe;
mod probes;
mod raw_registration;
mod refused;
mod registration;
mod systems;
mod trace_event;

pub use self::{
    bare_probe::{
        BareProbe,
        BareProbeFn,
        ProbeData, //
    },
    disks::{
        CountBios,
        CountEnds,
        CountParts,
        CountRequests,
        CountSectors,
        DiskCounters,
        DiskStats,
        DiskTable, //
    },
    event_name::EventName,
    events::{
        BlockBioComplete,
        BlockBioQueue,
        BlockIoDone,
        BlockRqComplete,
        BlockSplit,
        IrqHandlerEntry,
        MmPageAlloc,
        MmPageFree,
        PercpuAllocPercpu,
        SchedSwitch,
        SoftirqEntry, //
    },
    interval::Interval,
    pages::{
        CountAllocated,
        CountFreed,
        PageCounters,
        PagesByType, //
    },
    probe::{
        Probe,
        Tracepoint, //
    },
    probes::{
        EventRegistration,
        Probes, //
    },
    registration::Registration, //
};
