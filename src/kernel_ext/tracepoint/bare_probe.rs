// SPDX-License-Identifier: GPL-2.0

//! Probes that take their data alone, and so go with every tracepoint.
//!
//! A tracepoint calls its probes with their data and then its own arguments, whatever these are. A
//! function that takes the data alone can be called so: the calling convention of C on x86-64 has
//! the caller pass arguments and clean up behind them, and the callee does not read the registers
//! and stack slots that it has no parameters for. So one function serves every tracepoint.
//!
//! The C standard does not define what a call through a pointer of another type does. Here no
//! compiler sees such a call: the kernel keeps probes as `void *`, and the code of the tracepoint,
//! which makes the call, was compiled apart from the probe. What remains is the convention of the
//! machine, which defines it. A kernel with CONFIG_CFI (kCFI, FineIBT) is another matter: it
//! compares the type of each function that is called by its address, and would trap. kernel_ext
//! does not compile for such a kernel.

use kernel::{
    prelude::*,
    sync::Arc, //
};

use crate::percpu::{
    PerCpu,
    Slot, //
};

#[cfg(CONFIG_CFI)]
compile_error!("probes without arguments are called with some, which CONFIG_CFI traps");

/// Points to the function of a [`BareProbe`], which takes the probe's data and nothing else.
pub type BareProbeFn = unsafe extern "C" fn(data: *mut c_void);

/// Handles any tracepoint, without looking at the tracepoint's arguments.
///
/// The address of the value is the probe's data. No safe code can make a bare probe, because no
/// type holds a function to what it must do without. Those that there are need no code of their
/// users: a [`PerCpu<u64>`] or a [`Slot`] counts, and an [`Interval`](super::Interval) measures the
/// time between two events.
///
/// # Safety
///
/// [`FUNCTION`](Self::FUNCTION) must be sound to call with the address of any `Self` that lives, in
/// every context in which a tracepoint is passed, and must do without all that the contract of
/// [`Probe`](super::Probe) lists.
pub unsafe trait BareProbe: Send + Sync + 'static {
    /// Points to the probe function, which is called with the address of a `Self`.
    ///
    /// It should be `#[inline(never)]` and not generic. Then it has one address in all crates, and
    /// by that address and the data the kernel finds out that a probe is on a tracepoint already.
    /// Of any other function each crate has a copy, which the kernel takes for another probe.
    const FUNCTION: BareProbeFn;
}

// SAFETY: The function is one addition to this CPU's copy, by a single instruction on x86-64 and
// with interrupts off elsewhere, and returns. The variable's memory is always mapped, so the
// instruction does not fault.
unsafe impl BareProbe for PerCpu<u64> {
    const FUNCTION: BareProbeFn = count;
}

/// Counts, by one instruction on this CPU's copy.
///
/// # Safety
///
/// `data` must be the address of a `PerCpu<u64>` that lives.
#[inline(never)]
unsafe extern "C" fn count(data: *mut c_void) {
    // SAFETY: By the function's contract. It is an address in the per-CPU address space, where
    // there is no memory; as the type has no size, the address is all that there is to a reference.
    unsafe { &*data.cast::<PerCpu<u64>>() }.inc();
}

/// Keeps a [`BareProbe`], which is the data of a probe, alive and in its place.
///
/// # Safety
///
/// [`probe`](Self::probe) must always return the same address, also after `self` has moved. What is
/// there must live, and must not be borrowed exclusively, until `self` is dropped. What
/// [`counter`](Self::counter) returns must be as that says.
pub unsafe trait ProbeData: Send + Sync + 'static {
    /// Says what is kept: its address is the data, and its type names the function.
    type Probe: BareProbe;

    /// Returns what is kept.
    fn probe(&self) -> &Self::Probe;

    /// Returns the addresses of what the probe counts in, if it does nothing but count.
    ///
    /// An event without a tracepoint of its own calls no function, and adds to these instead. Both
    /// must be those of a `PerCpu<u64>`, as long as `self` lives, or that of the errors 0.
    #[doc(hidden)]
    fn counter(&self) -> Option<CounterAddresses> {
        None
    }
}

/// Says where to count an event, and those of them that are errors.
#[derive(Clone, Copy)]
pub struct CounterAddresses {
    /// Is the address of the counter.
    pub(super) count: usize,
    /// Is the address of the counter of errors, or 0 if they are not counted apart.
    pub(super) errors: usize,
}

// SAFETY: What an `Arc` points to does not move, and lives until the last `Arc` is dropped; nobody
// can borrow it exclusively meanwhile, as only a `UniqueArc` lends that.
unsafe impl<P: BareProbe> ProbeData for Arc<P> {
    type Probe = P;

    fn probe(&self) -> &P {
        self
    }
}

// SAFETY: A reference to a per-CPU variable is its address in the per-CPU address space, which
// does not change. The slot keeps its variable until it is dropped, and lends it shared alone.
unsafe impl ProbeData for Slot {
    type Probe = PerCpu<u64>;

    fn probe(&self) -> &PerCpu<u64> {
        self
    }

    fn counter(&self) -> Option<CounterAddresses> {
        Some(CounterAddresses {
            count: address(self),
            errors: 0,
        })
    }
}

/// Counts an event, and apart from that those of its occurrences that are errors.
///
/// Only exits of system calls, `syscalls:sys_exit_read` and its like, have errors.
#[derive(Clone)]
pub struct ErrorSlots {
    /// Counts all occurrences.
    pub count: Slot,
    /// Counts those that are errors.
    pub errors: Slot,
}

// SAFETY: As for `Slot`.
unsafe impl ProbeData for ErrorSlots {
    type Probe = PerCpu<u64>;

    fn probe(&self) -> &PerCpu<u64> {
        &self.count
    }

    fn counter(&self) -> Option<CounterAddresses> {
        Some(CounterAddresses {
            count: address(&self.count),
            errors: address(&self.errors),
        })
    }
}

/// Returns the address of a counter in the per-CPU address space.
fn address(slot: &PerCpu<u64>) -> usize {
    core::ptr::from_ref(slot).addr()
}
