// SPDX-License-Identifier: GPL-2.0

//! `kernel_ext`: what the `kernel` crate lacks for counting events on each CPU.
//!
//! Each module stands where rust/kernel would have it, and is written so that it could move there:
//! names are those of the C API, every type states its invariants, and every function says in
//! which context it may run.
//!
//! From the ground up, so that each module uses only those that stand above it here:
//!
//! - [`compat`]: what the older of two versions of Linux lacks.
//! - [`sync`]: statics that are initialised when they are first used, and what lockdep calls locks.
//! - [`glob`]: patterns as a shell has them.
//! - [`security`]: what a kernel that is locked down refuses.
//! - [`seq_file`]: lines of seq files, printed without a format.
//! - [`time`]: timestamps that the `kernel` crate measures but does not hand out.
//! - [`module`]: references to loaded modules.
//! - [`initcall`]: functions called at boot, parameters of the kernel's command line.
//! - [`mmzone`]: the node and the zone of a page.
//! - [`sched`]: tasks, and how long they waited for a CPU.
//! - [`procfs`]: files in /proc that print one record after another, and may take commands.
//! - [`notifier`]: notifier chains with typed events, one's own and the kernel's.
//! - [`bitmap`]: what CPU masks are made of.
//! - [`cpumask`], [`cpu`]: CPU masks, walks of them, and the lock that keeps them still.
//! - [`smp`]: calls of functions on every CPU.
//! - [`block`]: disks that come and go, requests and bios.
//! - [`cpuhp`]: states of the CPU hotplug state machine.
//! - [`percpu`]: per-CPU variables, static and allocated, changed by single instructions.
//! - [`ftrace`]: the functions of the kernel, and counters of their calls.
//! - [`interrupt`]: softirqs by name, and interrupt lines by number.
//! - [`syscall`]: system calls by number, and their registers.
//! - [`tracepoint`]: tracepoints by name, and probes on them.
//! - [`percpu_layout`]: where per-CPU memory lies, as far as it may be told.
//!
//! Another module uses it as a crate: `--extern kernel_ext`, with the metadata that tally's build
//! leaves beside its object. It then depends on `tally.ko`, which carries the code.

mod bindings;
pub mod bitmap;
pub mod block;
pub mod compat;
mod context;
pub mod cpu;
pub mod cpuhp;
pub mod cpumask;
pub mod ftrace;
mod gfp;
pub mod glob;
pub mod initcall;
pub mod interrupt;
pub mod mmzone;
#[cfg(CONFIG_MODULES)]
pub mod module;
pub mod notifier;
pub mod percpu;
pub mod percpu_layout;
pub mod procfs;
pub mod sched;
pub mod security;
pub mod seq_file;
pub mod smp;
pub mod sync;
pub mod syscall;
pub mod time;
pub mod tracepoint;

/// What exported macros reach `core` and `kernel` by: in the crate that uses a macro, `::core` may be
/// another crate's name.
#[doc(hidden)]
pub use ::{
    core as __core,
    kernel as __kernel, //
};

/// Holds the prefix of what the print macros of the `kernel` crate print here.
const __LOG_PREFIX: &[u8] = b"kernel_ext\0";
