// SPDX-License-Identifier: GPL-2.0

//! Notifier chains with typed events: chains of one's own, and the kernel's.
//!
//! C header: [`include/linux/notifier.h`](srctree/include/linux/notifier.h)
//!
//! A chain calls its subscribers, those of higher priority first, and among equals in the order
//! in which they subscribed. In C a subscriber is a `struct notifier_block` with its
//! `notifier_call`, and what that returns is `NOTIFY_OK` and so on. One that answers [`Notify::Stop`] or [`Notify::Bad`] is the last to
//! hear of the event.
//!
//! Who has something to tell declares an [`Event`], whose [`Backend`] says what may sleep, and owns a
//! [`Chain`] of it. Who wants to hear implements [`Subscriber`] and keeps a [`Registration`], which
//! is on the chain until it is dropped. A type that subscribes to two chains implements
//! [`Subscriber`] twice.
//!
//! | [`Event::Backend`] | subscribers | [`Chain::call`] | making a [`Registration`] | dropping it |
//! |---|---|---|---|---|
//! | [`Atomic`] | must not sleep | any context | any but NMI; on PREEMPT_RT sleeps | sleeps: an RCU grace period |
//! | [`Blocking`] | may sleep | sleeps | sleeps | sleeps: until no call is under way |
//! | [`Srcu`] | may sleep | sleeps | sleeps | sleeps: an SRCU grace period |
//! | [`Raw`] | as under its lock | takes the lock | takes the lock | takes the lock |
//!
//! Dropping a registration waits for calls of the chain that are under way, so a subscriber must
//! not do it from within a call of the same chain: it would wait for itself. Neither may a
//! subscriber call or join a blocking or raw chain that calls it, whose lock is held meanwhile.
//!
//! A chain that others are to find by a name is a [`GlobalChain`].
//!
//! The kernel's own chains are sources like any other: [`Reboot`], [`ModuleState`],
//! [`TracepointModules`], [`Pm`], [`Die`], [`Panic`], [`NetDevice`], [`Memory`]. Their other
//! subscribers must hear of what happens, or be left with what is no more. So nobody silences
//! them: [`Notify::Stop`] counts as [`Notify::Ok`] there, and so does [`Notify::Bad`], except
//! for those events that the kernel asks for consent to.
//!
//! # Examples
//!
//! ```
//! use kernel::{
//!     prelude::*,
//!     sync::Arc, //
//! };
//! use kernel_ext::{
//!     new_chain,
//!     notifier::{
//!         Blocking,
//!         Chain,
//!         Event,
//!         Notify,
//!         Registration,
//!         Subscriber, //
//!     }, //
//! };
//!
//! /// A fan is about to turn at another speed.
//! struct FanSpeed;
//!
//! impl Event for FanSpeed {
//!     type Backend = Blocking;
//!     type Data<'a> = u32;
//!
//!     fn action(_rpm: &u32) -> usize {
//!         1
//!     }
//! }
//!
//! struct Limit(u32);
//!
//! impl Subscriber<FanSpeed> for Limit {
//!     fn notify(&self, rpm: &u32) -> Notify {
//!         if *rpm > self.0 {
//!             return Notify::Bad(ERANGE);
//!         }
//!         Notify::Ok
//!     }
//! }
//!
//! let chain = Arc::pin_init(new_chain!(), GFP_KERNEL)?;
//! let limit = Registration::<FanSpeed, _>::new(chain.clone(), 0, Limit(4000));
//! let limit = KBox::pin_init(limit, GFP_KERNEL)?;
//!
//! assert_eq!(chain.call(3000).to_result(), Ok(()));
//! assert_eq!(chain.call(5000).to_result(), Err(ERANGE));
//! assert_eq!(chain.call(5000).calls(), 1);
//!
//! drop(limit);
//! assert_eq!(chain.call(5000).calls(), 0);
//! # Ok::<(), Error>(())
//! ```

mod actions;
mod backend;
mod chain;
#[cfg(CONFIG_X86)]
mod die;
mod global;
#[cfg(CONFIG_MEMORY_HOTPLUG)]
mod memory;
#[cfg(CONFIG_MODULES)]
mod module;
#[cfg(CONFIG_NET)]
mod netdevice;
mod notify;
mod panic;
#[cfg(CONFIG_PM_SLEEP)]
mod pm;
mod reboot;
mod registration;
#[cfg(all(CONFIG_MODULES, CONFIG_TRACEPOINTS))]
mod tracepoint;

pub use self::{
    backend::{
        Atomic,
        Backend,
        Blocking,
        Locked,
        Raw,
        Robust,
        Srcu,
        UniquePriority, //
    },
    chain::{
        Chain,
        Event, //
    },
    global::GlobalChain,
    notify::{
        Called,
        Notify, //
    },
    panic::Panic,
    reboot::{
        Reboot,
        RebootAction,
        RebootNotice, //
    },
    registration::{
        Registration,
        Source,
        Subscriber, //
    }, //
};

#[doc(hidden)]
pub use self::{
    chain::chain_name,
    global::export as __export, //
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

pub use crate::{
    global_chain,
    new_chain, //
};
