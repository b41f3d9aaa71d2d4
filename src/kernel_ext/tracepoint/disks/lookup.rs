// SPDX-License-Identifier: GPL-2.0

//! A table that probes look up without a lock and without a call.
//!
//! Whoever passes a tracepoint is a reader of it (under SRCU, see [`tracepoint`](crate::tracepoint)), so
//! a probe that reads a table needs no mark of its own that it does. Whoever takes an object out of the
//! table waits as one who takes off a probe: until all have left their tracepoints who may have found it.

use core::ptr::NonNull;

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Release, //
        },
        Arc,
        Mutex, //
    }, //
};

use crate::{
    block::LentToProbe,
    compat::EDEADLK,
    context,
    sync::{
        named_mutex,
        read_once, //
    },
    tracepoint::grace_period::synchronize, //
};

/// Says how many chains there are: 8 KiB of them.
const CHAINS: usize = 1 << CHAINS_BITS;
const CHAINS_BITS: u32 = 10;

/// Points to the next node of a chain, or is null.
type Link<T> = Atomic<*const Node<T>>;

/// Holds an object in a chain.
struct Node<T> {
    next: Link<T>,
    key: usize,
    object: Arc<T>,
}

/// Finds objects by a number, such as the address of what they are about.
///
/// # Invariants
///
/// Each link of a chain is null or points to a node that is from `KBox::into_raw`, which the table owns
/// and nobody else. A node that was taken out of its chain is freed after a grace period of tracepoints.
#[pin_data(PinnedDrop)]
pub(super) struct Lookup<T: Send + Sync + 'static> {
    chains: [Link<T>; CHAINS],
    /// Held by who changes chains.
    #[pin]
    changes: Mutex<()>,
}

impl<T: Send + Sync> Lookup<T> {
    /// Says how many bytes the chains take, however few objects there are.
    pub(super) const SIZE: usize = CHAINS * size_of::<Link<T>>();

    /// Makes a table without objects.
    pub(super) fn new() -> impl PinInit<Self> {
        // INVARIANT: All links are null.
        pin_init!(Self {
            chains <- pin_init::init_array_from_fn(|_| Atomic::new(core::ptr::null())),
            changes <- named_mutex!((), c"Lookup::changes"),
        })
    }

    /// Puts an object into the table, where it can be found at once.
    ///
    /// May sleep. Fails with `EBUSY` if there is one with that key already, and with `ENOMEM`.
    pub(super) fn insert(&self, key: usize, object: Arc<T>) -> Result {
        let chain = self.chain(key).ok_or(EINVAL)?;
        let mut node = KBox::new(
            Node {
                next: Atomic::new(core::ptr::null()),
                key,
                object,
            },
            GFP_KERNEL,
        )?;

        let _changes = self.changes.lock();
        // SAFETY: The lock is held.
        if unsafe { find(chain, key) }.is_some() {
            return Err(EBUSY);
        }
        node.next = Atomic::new(follow(chain));
        // INVARIANT: The node is from `KBox::into_raw`, and is the table's from now on.
        // ORDERING: Release, so that who finds the node sees what is in it. As that is read by the
        // node's address, no acquire is needed there.
        chain.store(KBox::into_raw(node), Release);
        Ok(())
    }

    /// Takes the object with that key out, and waits until no probe looks at it any more:
    /// `tracepoint_synchronize_unregister()`.
    ///
    /// Sleeps. Fails with `ENOENT` if there is none, and with `EDEADLK` where the task may not sleep.
    pub(super) fn remove(&self, key: usize) -> Result<Arc<T>> {
        if !context::may_sleep() {
            return Err(EDEADLK);
        }
        let chain = self.chain(key).ok_or(ENOENT)?;

        let changes = self.changes.lock();
        // SAFETY: The lock is held.
        let (link, node) = unsafe { find(chain, key) }.ok_or(ENOENT)?;
        // SAFETY: The lock is held, so by the type invariant the node is there.
        let next = follow(unsafe { &node.as_ref().next });
        // ORDERING: Release, as in `insert`: another CPU may have published `next`.
        link.store(next, Release);
        drop(changes);

        synchronize();
        // SAFETY: By the type invariant it is from `KBox::into_raw`. It is in no chain any more, and
        // whoever found it before has left the tracepoint since.
        let node = unsafe { KBox::from_raw(node.as_ptr()) };
        Ok(node.object.clone())
    }

    /// Returns the object with that key, if there is one, to a probe, which shows what was lent to it.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn get<'a>(&'a self, key: usize, _lent: impl LentToProbe<'a>) -> Option<&'a T> {
        // SAFETY: By the contract of `LentToProbe` the task passes a tracepoint throughout `'a`.
        let (_, node) = unsafe { find(self.chain(key)?, key) }?;

        // SAFETY: By the type invariant the node was there when it was found, and is not freed before
        // the task has left the tracepoint, which is after `'a`.
        Some(&unsafe { node.as_ref() }.object)
    }

    /// Returns the chain in which a key is: by `hash_64()`, whose results all have one.
    #[inline(always)]
    fn chain(&self, key: usize) -> Option<&Link<T>> {
        let hash = key.wrapping_mul(0x61c8_8646_80b5_83eb) >> (usize::BITS - CHAINS_BITS);

        self.chains.get(hash)
    }
}

/// Finds the node with this key in a chain, and the link to it.
///
/// # Safety
///
/// Until the caller is done with the result it must hold the lock of the table, or pass a tracepoint.
#[inline(always)]
unsafe fn find<T>(chain: &Link<T>, key: usize) -> Option<(&Link<T>, NonNull<Node<T>>)> {
    let mut link = chain;

    loop {
        let node = NonNull::new(follow(link).cast_mut())?;
        // SAFETY: By the invariant of `Lookup` the node is there, and by the function's contract it
        // stays until the caller is done with it.
        let here = unsafe { node.as_ref() };
        if here.key == key {
            return Some((link, node));
        }
        link = &here.next;
    }
}

/// Returns what a link points to: `rcu_dereference()`.
#[inline(always)]
fn follow<T>(link: &Link<T>) -> *const Node<T> {
    // ORDERING: What is read of the node depends on the address.
    read_once(link)
}

#[pinned_drop]
impl<T: Send + Sync> PinnedDrop for Lookup<T> {
    fn drop(self: Pin<&mut Self>) {
        for chain in &self.chains {
            let mut next = follow(chain);
            while !next.is_null() {
                // SAFETY: By the type invariant it is from `KBox::into_raw`. Nobody else has the table.
                let node = unsafe { KBox::from_raw(next.cast_mut()) };
                next = follow(&node.next);
            }
        }
    }
}
