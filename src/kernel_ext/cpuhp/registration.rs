// SPDX-License-Identifier: GPL-2.0

//! States with one instance, and memory for its callbacks.

use core::ops::Deref;

use kernel::prelude::*;

use super::{
    instance::Node,
    Callbacks,
    MultiRegistration,
    OnlineCalls,
    PrepareNoCalls,
    StateId, //
};

/// Registers a state with one instance, in the memory that holds its callbacks.
///
/// C callbacks of a state that is not multi-instance get no pointer. This is a multi-instance one
/// with a single instance, whose callbacks do.
///
/// Dropping it removes the state, and waits for callbacks that are under way. If the
/// [section](super::Section) says so, its teardown is called for the CPUs that are up. May sleep.
/// One that is leaked ([`core::mem::forget`] of a box that it is in) goes on being called, also
/// when its code is gone with its module.
#[pin_data]
pub struct Registration<S: Callbacks<T>, T: Send + Sync + 'static> {
    // Dropped first: the state must outlive it.
    #[pin]
    node: Node<S, T>,
    state: MultiRegistration<S, T>,
}

/// Registers a state of the PREPARE section that is not called for CPUs that are up.
///
/// # Examples
///
/// ```
/// use kernel_ext::{
///     cpuhp::{DeadCpu, Prepare, PrepareRegistration},
///     define_per_cpu, //
/// };
///
/// define_per_cpu! {
///     static EVENTS: u64 = 0;
/// }
///
/// struct Fold;
///
/// impl Prepare for Fold {
///     fn dead(&self, cpu: &DeadCpu<'_>) {
///         pr_info!("CPU {} saw {} events\n", cpu.id(), EVENTS.take(cpu));
///     }
/// }
///
/// let state = KBox::pin_init(PrepareRegistration::new(c"example:dead", Fold), GFP_KERNEL)?;
/// ```
pub type PrepareRegistration<T> = Registration<PrepareNoCalls, T>;

/// Registers a state of the ONLINE section that is also called for CPUs that are up.
pub type OnlineRegistration<T> = Registration<OnlineCalls, T>;

impl<S: Callbacks<T>, T: Send + Sync + 'static> Registration<S, T> {
    /// Adds a state, by a name or a [`StateId`].
    ///
    /// Fails as [`MultiRegistration::new`] and [`Instance::add`](super::Instance::add) do; then no
    /// state is left. May sleep.
    pub fn new(id: impl Into<StateId<S>>, callbacks: T) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state: MultiRegistration::new(id)?,
            // SAFETY: The node is dropped before the state, by the order of their declaration.
            node <- unsafe { Node::new(state, callbacks) },
        }? Error)
    }

    /// Returns the state's number in the table.
    ///
    /// Any context.
    pub fn number(&self) -> i32 {
        self.state.number()
    }
}

impl<S: Callbacks<T>, T: Send + Sync + 'static> Deref for Registration<S, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.node.get()
    }
}
