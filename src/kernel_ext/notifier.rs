// SPDX-License-Identifier: GPL-2.0

//! Notifier chains with typed events: chains of one's own, and the kernel's.
//!
//! C header: [`include/linux/notifier.h`](srctree/include/linux/notifier.h)
//!
//! A chain is a list of callbacks that is called when something happens. In C a member of the list is a
//! `struct notifier_block`, a priority and a function `notifier_call`, which gets an `action`, that is a
//! number, and a `void *`, and which returns `NOTIFY_DONE`, `NOTIFY_OK`, `NOTIFY_STOP` or an error. Here
//! the member is a [`Subscriber`], the number and the pointer are an [`Event`] whose data have a type,
//! and what is returned is a [`Notify`].
//!
//! A chain calls its subscribers, those of higher priority first, and among equals in the order
//! in which they subscribed. One that answers [`Notify::Stop`] or [`Notify::Bad`] is the last to hear
//! of the event.
//!
//! # The life of a chain
//!
//! 1. Whoever has something to tell declares an [`Event`], whose [`Backend`] says what may sleep, and
//!    owns a [`Chain`] of it. A chain that others are to find by a name is a [`GlobalChain`].
//! 2. Whoever wants to hear implements [`Subscriber`] and makes a [`Registration`], which puts a
//!    `notifier_block` on the chain and keeps the chain alive. A type that subscribes to two chains
//!    implements [`Subscriber`] twice.
//! 3. The owner calls the chain: [`Chain::call`] tells all, [`Chain::call_robust`] also takes back what
//!    one of them objects to. What came of it is a [`Called`].
//! 4. Dropping a [`Registration`] takes the block off, and waits for calls that are under way. The chain
//!    goes with its last owner or registration.
//!
//! | [`Event::Backend`] | subscribers | [`Chain::call`] | making a [`Registration`] | dropping it |
//! |---|---|---|---|---|
//! | [`Atomic`] | must not sleep | any context | any but NMI; on PREEMPT_RT sleeps | sleeps: an RCU grace period |
//! | [`Blocking`] | may sleep | sleeps | sleeps | sleeps: until no call is under way |
//! | [`Srcu`] | may sleep | sleeps | sleeps | sleeps: an SRCU grace period |
//! | [`Raw`] | as under its lock | takes the lock | takes the lock | takes the lock |
//!
//! As dropping a registration waits for calls of the chain, a subscriber must not do it from within
//! a call of the same chain: it would wait for itself. Neither may a subscriber call or join a blocking
//! or raw chain that calls it, whose lock is held meanwhile.
//!
//! # The kernel's own chains
//!
//! [`Reboot`], [`ModuleState`], [`TracepointModules`], [`Pm`], [`Die`], [`Panic`], [`NetDevice`] and
//! [`Memory`] are subscribed to like any other: each is a [`KernelChain`]. Their other subscribers must
//! hear of what happens, or be left with what is no more. So no subscriber silences them:
//! [`Notify::Stop`] counts as [`Notify::Ok`] there, and so does [`Notify::Bad`], except for those events
//! that the kernel asks for consent to.
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

mod backend;
mod chain;
mod global;
mod kernel_chain;
mod locked;
mod notify;
mod registration;
mod source;

pub use self::{
    backend::{
        Atomic,
        Backend,
        Blocking,
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
    kernel_chain::*,
    locked::Locked,
    notify::{
        Called,
        Notify, //
    },
    registration::{
        Registration,
        Subscriber, //
    },
    source::Source, //
};

#[doc(hidden)]
pub use self::{
    chain::chain_name,
    global::export as __export, //
};

pub use crate::{
    global_chain,
    new_chain, //
};
