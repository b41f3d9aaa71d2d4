// SPDX-License-Identifier: GPL-2.0

//! CPUs, taken up and down from inside the kernel.

use kernel::{
    bindings,
    error::to_result,
    prelude::*, //
};

/// The CPU that goes down and up.
pub(crate) const CPU: u32 = 2;

/// Brings the CPU up: `add_cpu()`.
pub(crate) fn up() -> Result {
    // SAFETY: The guest has the CPU, and nobody pulls it out. No lock of CPU hotplug is held.
    to_result(unsafe { bindings::add_cpu(CPU) })
}

/// Takes the CPU down: `remove_cpu()`.
pub(crate) fn down() -> Result {
    // SAFETY: As above.
    to_result(unsafe { bindings::remove_cpu(CPU) })
}
