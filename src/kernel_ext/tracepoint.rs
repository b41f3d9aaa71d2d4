// SPDX-License-Identifier: GPL-2.0

//! Tracepoints, and probes on them.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)
//!
//! A tracepoint is a place in the code of the kernel or of a module. A probe on it is a *probe
//! function* and *probe data*, which is a pointer. Code that passes the tracepoint calls the
//! function of each probe that is registered there, with the data, and then with the tracepoint's
//! own arguments. Nearly every tracepoint is also an event, whose name has the form `system:event`.
//!
//! # Two kinds of probes
//!
//! A [`Probe`] is called with the arguments of one [`Tracepoint`], which is known when the probe is
//! compiled. A [`Registration`] keeps it there. Few tracepoints are exported to modules, but all
//! that are built into the kernel can be walked, so they are found by name. The types of the
//! arguments are checked on both sides: Rust checks each probe against a type in C, and C checks
//! that type against the tracepoint (src/helpers/tracepoint.c).
//!
//! A [`BareProbe`] is called with its data alone, so one function serves every tracepoint.
//! [`Probes`] attaches it to events that are named while the machine runs, also to events of
//! modules that come and go. An [`EventRegistration`] keeps it there. An [`Interval`] has a bare
//! probe on each of two events, and measures the time between them.
//!
//! The events of system calls, `syscalls:sys_enter_read` and its like, have no tracepoint: a table of
//! counters by the number of the call makes them of one that all calls pass. Calls of functions, of the
//! kernel or of modules, `function:vfs_read`, are counted without any tracepoint:
//! [`ftrace`](crate::ftrace).
//!
//! # The life of a probe
//!
//! 1. The probe's data is made, in memory that does not move.
//! 2. The probe is *registered*: a pair of its function and its data is added to the tracepoint's
//!    array. The first probe of a tracepoint also has the kernel change the code there, so that it
//!    looks at the array at all. This sleeps.
//! 3. The tracepoint is *passed*, in whatever context its code runs in, on all CPUs at once. The
//!    function runs each time.
//! 4. The probe is *unregistered*: the tracepoint gets an array without the pair. Code that has
//!    read the old array may still be in the function, or about to call it.
//! 5. A *grace period* ends when all code that may have read the old array has left the tracepoint.
//!    To wait for it sleeps.
//! 6. The probe's data is dropped, in the task that has waited, with no lock held.
//!
//! Steps 4 to 6 are what dropping a registration does. The two sides meet at the tracepoint's
//! array:
//!
//! ```text
//! the task that registers                   code that passes the tracepoint
//! ----------------------------------------  ---------------------------------------------
//! write the data
//! tracepoint_probe_register_prio_...():
//!   publish the pair (a release)       -->  begin to read, under SRCU (tracepoint_srcu)
//!                                           read the pair
//!                                           function(data, ...) sees the data as written,
//!                                             because it finds it by an address in the pair
//!                                           end reading
//! tracepoint_probe_unregister():
//!   publish an array without the pair       a reader that began before this may have the
//!                                             pair, and may call the function after this
//! tracepoint_synchronize_unregister():
//!   wait for all such readers          <--  end reading
//! drop the data                             no reader has the pair any more
//! ```
//!
//! (Probes on the tracepoints of system calls may fault, so these are read under RCU Tasks Trace
//! instead of SRCU. The wait is for both.) What a function writes to its data is for the data's
//! type to order: the probes that there are count in per-CPU memory, with operations that need no
//! order.
//!
//! The function's code must stay as long as its data. Where that takes a reference to a module,
//! [`Probes::new`] says so.
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
//! | [`ErrorSlots`] | exits of system calls | the same, and how many return an error |
//! | [`Interval`] | any two events | the time between them |
//! | [`HandlerTimes`] | [`SoftirqEntry`], [`IrqHandlerEntry`] and their exits | how long the handler of one softirq, or of one interrupt line, runs |
//! | [`RequestLatencies`] | [`BlockIoDone`] | how long requests to disks took |
//! | [`DiskLatencies`] | [`BlockIoDone`] | the same, for each disk too |
//! | [`RunqueueWaits`] | [`SchedSwitch`] | how long tasks waited to run |
//!
//! No code of their users runs in any of them, not even to pick a counter: the choice is data,
//! which was made before the probe was attached.

mod bare_probe;
mod built_in;
mod count;
mod disks;
mod event_name;
mod events;
mod functions;
mod grace_period;
mod handler_times;
mod interval;
mod lengths;
mod own_module;
mod pages;
mod probe;
mod probes;
mod raw_registration;
mod refused;
mod registration;
mod request_latencies;
mod runqueue_waits;
mod syscall_event;
mod syscall_table;
mod system_search;
mod systems;
mod trace_event;

pub use self::{
    bare_probe::{
        BareProbe,
        BareProbeFn,
        ErrorSlots,
        ProbeData, //
    },
    disks::{
        CountBios,
        CountEnds,
        CountParts,
        CountRequests,
        CountSectors,
        DiskCounters,
        DiskLatencies,
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
        IrqHandlerExit,
        MmPageAlloc,
        MmPageFree,
        PercpuAllocPercpu,
        SchedSwitch,
        SoftirqEntry,
        SoftirqExit,
        SysEnter,
        SysExit, //
    },
    handler_times::{
        Handler,
        HandlerTimes, //
    },
    interval::Interval,
    lengths::Lengths,
    pages::{
        CountAllocated,
        CountFreed,
        PageCounters,
        ZonePages, //
    },
    probe::{
        Probe,
        Tracepoint, //
    },
    probes::{
        EventRegistration,
        Probes, //
    },
    registration::Registration,
    request_latencies::{
        RequestLatencies,
        Since, //
    },
    runqueue_waits::RunqueueWaits, //
};
