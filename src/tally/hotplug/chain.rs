// SPDX-License-Identifier: GPL-2.0

//! The CPU hotplug chain: a notifier chain for CPUs that come and go, as kernels before 4.10 had one.
//!
//! C header: [`include/tally.h`](srctree/include/tally.h)
//!
//! Subscribers are called in process context, on a CPU that is up, under the CPU hotplug lock,
//! taken for writing. They may sleep. They must not take that lock, which
//! [`cpus_read_lock`](kernel_ext::cpu::cpus_read_lock) does, nor register a hotplug state, nor
//! subscribe to this chain or unsubscribe from it: each would wait for itself.
//!
//! A subscriber that has agreed to a CPU's coming is told once, before that CPU comes again, that the
//! CPU died or that it does not come after all. So what is done for [`CpuAction::UpPrepare`] can be
//! undone for the other two. Of a CPU that was up already when it subscribed, a subscriber is told
//! that it died.
//!
//! # Examples
//!
//! ```
//! use kernel_ext::notifier::{Notify, Registration, Subscriber};
//! use tally::hotplug::chain::{CpuAction, CpuChain, CpuEvent, CHAIN};
//!
//! /// Keeps CPUs with odd numbers down.
//! struct Even;
//!
//! impl Subscriber<CpuChain> for Even {
//!     fn notify(&self, event: &CpuEvent<'_>) -> Notify {
//!         match event.action() {
//!             CpuAction::UpPrepare(cpu) if cpu.as_u32() % 2 != 0 => Notify::Bad(EPERM),
//!             _ => Notify::Ok,
//!         }
//!     }
//! }
//!
//! let even = KBox::pin_init(Registration::new(&CHAIN, 0, Even), GFP_KERNEL)?;
//! # drop(even);
//! # Ok::<(), Error>(())
//! ```

use kernel::prelude::*;
use kernel_ext::{
    cpuhp::DeadCpu,
    cpumask::PossibleCpu,
    export_notifier_chain,
    global_chain,
    notifier::{
        Blocking,
        Event,
        GlobalChain, //
    }, //
};

global_chain! {
    /// Calls subscribers for CPUs that come and go.
    ///
    /// It exists before tally is up, and keeps tally loaded while somebody uses it.
    pub static CHAIN: GlobalChain<CpuHotplug> = c"tally:hotplug";
}

/// Names the chain's type, which [`Subscriber`](kernel_ext::notifier::Subscriber) is implemented for.
pub type CpuChain = GlobalChain<CpuHotplug>;

export_notifier_chain! { CHAIN: tally_register_cpu_notifier, tally_unregister_cpu_notifier }

/// Gives groups of counters the highest priority.
///
/// They fold a dead CPU before a subscriber can stop the chain: in Rust none can stop a
/// [`CpuAction::Dead`], and C does not get this priority.
pub const PRIORITY_GROUP: i32 = i32::MAX;

// The numbers that these actions had on the old chain.
const CPU_UP_PREPARE: usize = 3;
const CPU_UP_CANCELED: usize = 4;
const CPU_DEAD: usize = 7;

/// Describes what the chain tells of: CPUs that come and go.
pub struct CpuHotplug;

impl Event for CpuHotplug {
    type Backend = Blocking;
    type Data<'a> = CpuEvent<'a>;

    fn action(event: &CpuEvent<'_>) -> usize {
        match event.action {
            CpuAction::UpPrepare(_) => CPU_UP_PREPARE,
            CpuAction::UpCanceled(_) => CPU_UP_CANCELED,
            CpuAction::Dead(_) => CPU_DEAD,
        }
    }

    /// Lets subscribers stop a CPU that is about to come. What has happened already cannot be stopped.
    fn may_stop(event: &CpuEvent<'_>) -> bool {
        matches!(event.action, CpuAction::UpPrepare(_))
    }
}

/// Holds what happens to a CPU: `struct tally_cpu_event`.
#[repr(C)]
pub struct CpuEvent<'a> {
    /// All that C sees.
    cpu: c_uint,
    action: CpuAction<'a>,
}

/// Lists what may happen to a CPU: `enum tally_cpu_action`.
pub enum CpuAction<'a> {
    /// The CPU is about to come up. An error keeps it down and is what the attempt fails with;
    /// [`Notify::Stop`](kernel_ext::notifier::Notify::Stop) is taken for `EPERM`.
    UpPrepare(PossibleCpu),

    /// A subscriber further down the chain keeps the CPU down. Those that had agreed are told, and
    /// what they return has no effect, but one in C that stops the chain keeps this from those
    /// further down.
    UpCanceled(PossibleCpu),

    /// The CPU has gone down, or did not come up although all had agreed, and may have run in either
    /// case. What is returned has no effect, but one in C that stops the chain keeps this from those
    /// further down.
    Dead(&'a DeadCpu<'a>),
}

impl<'a> CpuEvent<'a> {
    fn new(cpu: PossibleCpu, action: CpuAction<'a>) -> Self {
        Self {
            cpu: cpu.as_u32(),
            action,
        }
    }

    pub(super) fn up_prepare(cpu: PossibleCpu) -> Self {
        Self::new(cpu, CpuAction::UpPrepare(cpu))
    }

    pub(super) fn up_canceled(cpu: PossibleCpu) -> Self {
        Self::new(cpu, CpuAction::UpCanceled(cpu))
    }

    pub(super) fn dead(cpu: &'a DeadCpu<'a>) -> Self {
        Self::new(cpu.id(), CpuAction::Dead(cpu))
    }

    /// Returns what happens, and to which CPU.
    pub fn action(&self) -> &CpuAction<'a> {
        &self.action
    }
}
