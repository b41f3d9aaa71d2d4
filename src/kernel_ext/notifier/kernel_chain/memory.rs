// SPDX-License-Identifier: GPL-2.0

//! The chain of memory that comes and goes.
//!
//! C header: [`include/linux/memory.h`](srctree/include/linux/memory.h)

use core::ops::Range;

use kernel::prelude::*;

use super::{
    actions::actions,
    kernel_chain,
    KernelChain, //
};
use crate::bindings;

/// Tells that memory comes or goes while the machine runs: `register_memory_notifier()`.
///
/// A blocking chain: subscribers may sleep. They run under the locks of memory and of CPU hotplug,
/// so they must not take those. Who objects when memory is about to come or go keeps it from doing
/// so.
#[derive(Clone, Copy)]
pub struct Memory;

actions! {
    /// Names what memory does: `enum memory_block_state`.
    pub enum MemoryAction {
        /// It is about to come: `MEM_GOING_ONLINE`.
        GoingOnline = memory_block_state_MEM_GOING_ONLINE,
        /// It does not come after all: `MEM_CANCEL_ONLINE`.
        CancelOnline = memory_block_state_MEM_CANCEL_ONLINE,
        /// It came: `MEM_ONLINE`.
        Online = memory_block_state_MEM_ONLINE,
        /// It is about to go: `MEM_GOING_OFFLINE`.
        GoingOffline = memory_block_state_MEM_GOING_OFFLINE,
        /// It does not go after all: `MEM_CANCEL_OFFLINE`.
        CancelOffline = memory_block_state_MEM_CANCEL_OFFLINE,
        /// It went: `MEM_OFFLINE`.
        Offline = memory_block_state_MEM_OFFLINE,
    }
}

/// Holds what subscribers to [`Memory`] are told: `struct memory_notify`.
pub struct MemoryNotice {
    action: MemoryAction,
    pfns: Range<usize>,
}

impl MemoryNotice {
    /// Returns what the memory does.
    pub fn action(&self) -> MemoryAction {
        self.action
    }

    /// Returns which memory it is, in page frame numbers.
    pub fn pfns(&self) -> Range<usize> {
        self.pfns.clone()
    }
}

impl KernelChain for Memory {
    type Data<'a> = MemoryNotice;

    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a> {
        // SAFETY: The chain passes a `struct memory_notify`, which lives until the call ends.
        let memory = unsafe { &*data.cast::<bindings::memory_notify>() };
        let end = memory.start_pfn.saturating_add(memory.nr_pages);

        MemoryNotice {
            action: MemoryAction::from_raw(action),
            pfns: memory.start_pfn..end,
        }
    }

    fn may_veto(notice: &MemoryNotice) -> bool {
        matches!(
            notice.action,
            MemoryAction::GoingOnline | MemoryAction::GoingOffline
        )
    }
}

kernel_chain! {
    // SAFETY: Unregistering takes the chain's lock for writing, and calls hold it for reading.
    unsafe impl Source for Memory {
        register: bindings::register_memory_notifier,
        unregister: bindings::unregister_memory_notifier,
    }
}
