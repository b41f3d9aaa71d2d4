// SPDX-License-Identifier: GPL-2.0

//! The kernel's own chains.
//!
//! Each is a type without contents, which implements [`KernelChain`]: that says what C passes on
//! the chain, and which of the events subscribers may veto. `kernel_chain!` then makes it a
//! [`Source`](super::Source), by the two functions that C has for the chain.

mod actions;
#[cfg(CONFIG_X86)]
mod die;
#[cfg(CONFIG_MEMORY_HOTPLUG)]
mod memory;
#[cfg(CONFIG_MODULES)]
mod module;
#[cfg(CONFIG_NET)]
mod netdevice;
mod panic;
#[cfg(CONFIG_PM_SLEEP)]
mod pm;
mod reboot;
#[cfg(all(CONFIG_MODULES, CONFIG_TRACEPOINTS))]
mod tracepoint;

use kernel::prelude::*;

pub use self::{
    panic::Panic,
    reboot::{
        Reboot,
        RebootAction,
        RebootNotice, //
    }, //
};

#[cfg(CONFIG_X86)]
pub use self::die::{
    Die,
    DieNotice,
    DieVal, //
};

#[cfg(CONFIG_MEMORY_HOTPLUG)]
pub use self::memory::{
    Memory,
    MemoryAction,
    MemoryNotice, //
};

#[cfg(CONFIG_MODULES)]
pub use self::module::{
    ModuleAction,
    ModuleNotice,
    ModuleState, //
};

#[cfg(CONFIG_NET)]
pub use self::netdevice::{
    NetDevice,
    NetDeviceCmd,
    NetDeviceNotice, //
};

#[cfg(CONFIG_PM_SLEEP)]
pub use self::pm::{
    Pm,
    PmAction, //
};

#[cfg(all(CONFIG_MODULES, CONFIG_TRACEPOINTS))]
pub(crate) use self::tracepoint::for_each_tracepoint_module;
#[cfg(all(CONFIG_MODULES, CONFIG_TRACEPOINTS))]
pub use self::tracepoint::{
    TracepointModuleAction,
    TracepointModuleNotice,
    TracepointModules, //
};

use super::Notify;

/// Says what is told on one of the kernel's own chains.
///
/// The chain's other subscribers must hear of what happens, or be left with what is no more. So no
/// subscriber of this crate silences them: see [`may_veto`](Self::may_veto).
pub trait KernelChain: Sized + Send + Sync + 'static {
    /// Holds what subscribers are told.
    type Data<'a>;

    /// Reads what subscribers are told from what C passes to a `notifier_call`.
    ///
    /// # Safety
    ///
    /// The chain must be calling a block, with `action` and `data`, until `'a` ends.
    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a>;

    /// Tells whether the kernel asks for consent to what is told, so that [`Notify::Bad`] stops it.
    ///
    /// If it does not, [`Notify::Bad`] counts as [`Notify::Ok`]. [`Notify::Stop`] does in any case.
    fn may_veto(_data: &Self::Data<'_>) -> bool {
        false
    }

    /// Has `notify` tell a subscriber what a call of the chain is about, and returns what to
    /// answer.
    ///
    /// # Safety
    ///
    /// The chain must be calling a block, with `action` and `data`.
    unsafe fn deliver(
        action: usize,
        data: *mut c_void,
        notify: impl FnOnce(&Self::Data<'_>) -> Notify,
    ) -> Notify {
        // SAFETY: By the function's contract; the call does not end before this function returns.
        let data = unsafe { Self::data(action, data) };

        notify(&data).filter_veto(Self::may_veto(&data))
    }
}

/// Makes a [`KernelChain`] a [`Source`](super::Source), by C's functions that put a block on the
/// chain and take it off.
///
/// The user vouches for what [`Source`](super::Source) asks: when `unregister` returns nobody calls
/// the block any more.
macro_rules! kernel_chain {
    (
        unsafe impl Source for $chain:ident {
            register: $register:path,
            unregister: $unregister:path,
        }
    ) => {
        // SAFETY: The user of the macro vouches for it. The block is called with what C passes on
        // the chain, which is what `KernelChain::deliver` expects.
        unsafe impl $crate::notifier::Source for $chain {
            type Chain = Self;
            type Data<'a> = <Self as $crate::notifier::KernelChain>::Data<'a>;

            unsafe fn register(
                _chain: &Self,
                block: *mut ::kernel::bindings::notifier_block,
            ) -> Result {
                // SAFETY: By the function's contract.
                ::kernel::error::to_result(unsafe { $register(block) })
            }

            unsafe fn unregister(_chain: &Self, block: *mut ::kernel::bindings::notifier_block) {
                // SAFETY: By the function's contract the block is there, so this cannot fail.
                unsafe { $unregister(block) };
            }

            unsafe fn deliver(
                action: usize,
                data: *mut c_void,
                notify: impl FnOnce(&Self::Data<'_>) -> $crate::notifier::Notify,
            ) -> $crate::notifier::Notify {
                // SAFETY: By the function's contract.
                unsafe { <Self as $crate::notifier::KernelChain>::deliver(action, data, notify) }
            }
        }
    };
}
use kernel_chain;
