// SPDX-License-Identifier: GPL-2.0

//! States whose callbacks have memory of their own: `cpuhp_setup_state_multi()`.

use core::{
    marker::PhantomData,
    ops::Deref, //
};

use kernel::{
    bindings::{
        cpuhp_state,
        hlist_node, //
    },
    container_of,
    error::{
        from_result,
        to_result, //
    },
    prelude::*,
    sync::Arc,
    types::Opaque, //
};

use crate::{
    bindings,
    cpumask::PossibleCpu, //
};

use super::{
    Callbacks,
    StateId, //
};

/// Registers a state with any number of instances, all of a type `T`.
///
/// [`Instance`]s hold a reference to it; when the last one goes, so does the state. One that is
/// leaked ([`core::mem::forget`]) stays in the table, with the addresses of code that goes with its
/// module.
///
/// # Examples
///
/// Two ports of a driver, of which each wants to know of each CPU:
///
/// ```
/// use kernel::sync::{
///     atomic::{Atomic, Relaxed},
///     Arc, //
/// };
/// use kernel_ext::{
///     cpuhp::{Instance, MultiRegistration, Online, OnlineCalls, OnlineCpu},
///     cpumask, //
/// };
///
/// struct Port {
///     queues: Atomic<u32>,
/// }
///
/// impl Port {
///     fn new() -> Self {
///         Self { queues: Atomic::new(0) }
///     }
/// }
///
/// impl Online for Port {
///     fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
///         pr_debug!("a queue for CPU {}\n", cpu.id());
///         self.queues.fetch_add(1, Relaxed);
///         Ok(())
///     }
/// }
///
/// let state: MultiRegistration<OnlineCalls, Port> = MultiRegistration::new(c"example:online")?;
/// let state = Arc::new(state, GFP_KERNEL)?;
///
/// let first = KBox::pin_init(Instance::add(state.clone(), Port::new()), GFP_KERNEL)?;
/// let second = KBox::pin_init(Instance::add(state, Port::new()), GFP_KERNEL)?;
/// assert_eq!(first.queues.load(Relaxed), cpumask::online().weight());
/// assert_eq!(second.queues.load(Relaxed), cpumask::online().weight());
/// ```
///
/// # Invariants
///
/// `number` was taken for a multi-instance state with the callbacks of this type.
pub struct MultiRegistration<S: Callbacks<T>, T: Send + Sync + 'static> {
    number: cpuhp_state,
    _callbacks: PhantomData<fn(S, T)>,
}

impl<S: Callbacks<T>, T: Send + Sync + 'static> MultiRegistration<S, T> {
    /// Adds a state without instances, by a name or a [`StateId`]: `cpuhp_setup_state_multi()`.
    ///
    /// Fails with `ENOSPC` when all dynamic numbers are taken, and with `EBUSY` when a static one
    /// is. The PREPARE section has 21 dynamic numbers and the ONLINE section 41
    /// (`CPUHP_BP_PREPARE_DYN_END` and `CPUHP_AP_ONLINE_DYN_END` are numbers too), of which the
    /// first is left to the kernel. May sleep.
    pub fn new(id: impl Into<StateId<S>>) -> Result<Self> {
        // INVARIANT: These are the callbacks of this type.
        // SAFETY: They are functions of this module, and `drop` removes the state.
        let number = unsafe { id.into().setup_multi(Self::startup, Self::teardown) }?;

        Ok(Self {
            number,
            _callbacks: PhantomData,
        })
    }

    /// Returns the state's number in the table.
    ///
    /// Any context.
    pub fn number(&self) -> i32 {
        self.number
    }

    /// Calls the startup callback of an instance.
    ///
    /// # Safety
    ///
    /// To be called by the hotplug core alone, for an instance of this type's state.
    unsafe extern "C" fn startup(cpu: c_uint, node: *mut hlist_node) -> c_int {
        // SAFETY: The instance lives until the hotplug core has forgotten it, and only possible
        // CPUs are brought up.
        let (callbacks, cpu) = unsafe {
            (
                Node::<S, T>::callbacks(node),
                PossibleCpu::new_unchecked(cpu),
            )
        };

        // SAFETY: This is the startup callback of a state of this section.
        from_result(|| unsafe { S::startup(callbacks, cpu) }.map(|()| 0))
    }

    /// Calls the teardown callback of an instance.
    ///
    /// # Safety
    ///
    /// To be called by the hotplug core alone, for an instance of this type's state.
    unsafe extern "C" fn teardown(cpu: c_uint, node: *mut hlist_node) -> c_int {
        // SAFETY: The instance lives until the hotplug core has forgotten it, and only possible
        // CPUs were ever up.
        let (callbacks, cpu) = unsafe {
            (
                Node::<S, T>::callbacks(node),
                PossibleCpu::new_unchecked(cpu),
            )
        };

        // SAFETY: This is the teardown callback of a state of this section.
        unsafe { S::teardown(callbacks, cpu) };
        0
    }
}

impl<S: Callbacks<T>, T: Send + Sync + 'static> Drop for MultiRegistration<S, T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the state is ours. Instances keep it alive, so there are
        // none left.
        unsafe { bindings::__cpuhp_remove_state(self.number, false) };
    }
}

/// Holds what the hotplug core links into the list of a state, and the callbacks that belong to it.
///
/// # Invariants
///
/// `node` is an instance of the state `number`, which is multi-instance and for `T`, until it is
/// dropped.
#[pin_data(PinnedDrop)]
pub(super) struct Node<S: Callbacks<T>, T: Send + Sync + 'static> {
    #[pin]
    node: Opaque<hlist_node>,
    callbacks: T,
    number: cpuhp_state,
    _section: PhantomData<fn(S)>,
}

// SAFETY: The node is touched under the lock of the hotplug core alone. The callbacks are `Send`,
// and `Sync` because the core may be calling them in another thread while they are sent.
unsafe impl<S: Callbacks<T>, T: Send + Sync + 'static> Send for Node<S, T> {}

// SAFETY: A shared reference gives access to nothing but the callbacks, which are `Sync`.
unsafe impl<S: Callbacks<T>, T: Send + Sync + 'static> Sync for Node<S, T> {}

impl<S: Callbacks<T>, T: Send + Sync + 'static> Node<S, T> {
    /// Adds an instance.
    ///
    /// # Safety
    ///
    /// The state must not be dropped before the result.
    pub(super) unsafe fn new(
        state: &MultiRegistration<S, T>,
        callbacks: T,
    ) -> impl PinInit<Self, Error> {
        let id = state.number;

        // INVARIANT: By the invariant of `MultiRegistration` the state is one for `T`.
        try_pin_init!(Self {
            callbacks,
            number: id,
            _section: PhantomData,
            node <- Opaque::try_ffi_init(move |node: *mut hlist_node| {
                // SAFETY: `node` is valid for writes.
                unsafe { node.write(hlist_node::default()) };

                // The callbacks are ready, so they may be called from now on. If one fails, those
                // that were called before it are called back.
                // SAFETY: The state is a multi-instance one for this type's callbacks. The node
                // is pinned; `drop` removes it before its memory goes.
                to_result(unsafe { bindings::__cpuhp_state_add_instance(id, node, S::CALLS) })
            }),
        }? Error)
    }

    /// Returns the callbacks, and what they need.
    pub(super) fn get(&self) -> &T {
        &self.callbacks
    }

    /// Finds the callbacks that belong to a node.
    ///
    /// # Safety
    ///
    /// `node` must be that of a `Self` that lives for `'a`, with its callbacks ready.
    unsafe fn callbacks<'a>(node: *mut hlist_node) -> &'a T {
        // SAFETY: By the function's contract this is a field of a live `Self`.
        unsafe {
            let this = container_of!(Opaque::cast_from(node), Self, node);
            &(*this).callbacks
        }
    }
}

#[pinned_drop]
impl<S: Callbacks<T>, T: Send + Sync + 'static> PinnedDrop for Node<S, T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the node is an instance of the state, so this cannot
        // fail. It waits for callbacks that are under way.
        unsafe {
            bindings::__cpuhp_state_remove_instance(self.number, self.node.get(), S::CALLS);
        }
    }
}

/// Registers an instance of a state: callbacks, and what they need.
///
/// One that is leaked ([`core::mem::forget`] of a box that it is in) goes on being called, also
/// when the code of its callbacks is gone with its module.
///
/// Dropping it removes it from the state, and waits for callbacks that are under way. If the
/// [section](super::Section) says so, its teardown is called for the CPUs that are up. May sleep.
#[pin_data]
pub struct Instance<S: Callbacks<T>, T: Send + Sync + 'static> {
    // Dropped first: the state must outlive it.
    #[pin]
    node: Node<S, T>,
    state: Arc<MultiRegistration<S, T>>,
}

impl<S: Callbacks<T>, T: Send + Sync + 'static> Instance<S, T> {
    /// Adds an instance to a state: `cpuhp_state_add_instance()`, or `_nocalls()` for a section
    /// without.
    ///
    /// With calls, it fails as the callback for a CPU that is up fails; those for the CPUs before
    /// it have then been called back. May sleep.
    pub fn add(state: Arc<MultiRegistration<S, T>>, callbacks: T) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state,
            // SAFETY: The node is dropped before the reference that keeps the state.
            node <- unsafe { Node::new(state, callbacks) },
        }? Error)
    }

    /// Returns the state's number in the table.
    ///
    /// Any context.
    pub fn number(&self) -> i32 {
        self.state.number
    }
}

impl<S: Callbacks<T>, T: Send + Sync + 'static> Deref for Instance<S, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.node.get()
    }
}
