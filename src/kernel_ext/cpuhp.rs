// SPDX-License-Identifier: GPL-2.0

//! CPU hotplug states.
//!
//! C header: [`include/linux/cpuhotplug.h`](srctree/include/linux/cpuhotplug.h)
//!
//! A CPU comes up through a list of states and goes down through them in reverse. Each state has a
//! callback for either way. Those of the PREPARE section, which this module offers, run on another
//! CPU: on the way up before the CPU executes anything, on the way down after it executed its last
//! instruction.

use core::marker::PhantomData;

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
    types::{
        NotThreadSafe,
        Opaque, //
    }, //
};

use crate::{
    bindings,
    cpumask::PossibleCpu, //
};

/// Proof that a CPU is dead: it executes nothing, and nobody brings it up meanwhile.
///
/// # Invariants
///
/// For `'a` the CPU is dead and the CPU hotplug lock is held for writing.
pub struct DeadCpu<'a> {
    id: PossibleCpu,
    _callback: PhantomData<&'a ()>,
    _not_send: NotThreadSafe,
}

impl DeadCpu<'_> {
    /// Which CPU it is.
    pub fn id(&self) -> PossibleCpu {
        self.id
    }
}

/// What to do when a CPU passes a state of the PREPARE section.
///
/// Both callbacks run in process context and may sleep. They run under the CPU hotplug lock: they
/// must neither take it nor register or unregister a state.
pub trait Prepare: Send + Sync {
    /// Called before `cpu` comes up. An error keeps it down.
    fn prepare(&self, cpu: PossibleCpu) -> Result;

    /// Called when `cpu` has gone down, or did not come up after [`prepare`](Self::prepare).
    fn dead(&self, cpu: &DeadCpu<'_>);
}

/// A state of the PREPARE section, with a number that the kernel picked.
///
/// Dropping it removes the state without calling [`Prepare::dead`], and waits for callbacks that
/// are under way.
///
/// # Invariants
///
/// `state` was reserved as a multi-instance state with this type's callbacks, and `node` is its
/// only instance.
#[pin_data(PinnedDrop)]
pub struct PrepareState<T: Prepare> {
    #[pin]
    node: Opaque<hlist_node>,
    callbacks: T,
    state: cpuhp_state,
}

// SAFETY: The node is touched under the lock of the hotplug core alone; callbacks are `Send`.
unsafe impl<T: Prepare> Send for PrepareState<T> {}

// SAFETY: A shared reference gives access to nothing but the callbacks, which are `Sync`.
unsafe impl<T: Prepare> Sync for PrepareState<T> {}

impl<T: Prepare> PrepareState<T> {
    /// Adds a state. No callback is called for the CPUs that are up already.
    ///
    /// `name` is how /sys/devices/system/cpu/hotplug/states shows it. Fails with `ENOSPC` when
    /// all dynamic states are taken, of which x86 has 20 in this section. May sleep; must not be
    /// called with the CPU hotplug lock held.
    ///
    /// C callbacks of a state with one instance get no pointer. This is a multi-instance state
    /// (`cpuhp_setup_state_multi()`) with a single instance, whose callbacks do.
    pub fn new(name: &'static CStr, callbacks: T) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            callbacks,
            state: Self::setup(name)?,
            node <- {
                let state = *state;
                Opaque::try_ffi_init(move |node: *mut hlist_node| {
                    // SAFETY: `node` is valid for writes.
                    unsafe { node.write(hlist_node::default()) };

                    // INVARIANT: On success the node is the state's instance. The callbacks are
                    // ready, so it may be called from now on.
                    // SAFETY: The state is ours and multi-instance; the node is pinned, and
                    // `drop` removes it before its memory goes.
                    let added = to_result(unsafe {
                        bindings::__cpuhp_state_add_instance(state, node, false)
                    });
                    if added.is_err() {
                        // SAFETY: The state is ours and has no instance.
                        unsafe { bindings::__cpuhp_remove_state(state, false) };
                    }
                    added
                })
            },
        }? Error)
    }

    /// Reserves a state with this type's callbacks: `cpuhp_setup_state_multi()`.
    fn setup(name: &'static CStr) -> Result<cpuhp_state> {
        type Single = unsafe extern "C" fn(c_uint) -> c_int;
        type Multi = unsafe extern "C" fn(c_uint, *mut hlist_node) -> c_int;

        // SAFETY: The C function takes callbacks of either type through this one, and goes by
        // its last argument to tell which. All that differs is the signature.
        let [startup, teardown] = unsafe {
            [
                core::mem::transmute::<Multi, Single>(Self::startup),
                core::mem::transmute::<Multi, Single>(Self::teardown),
            ]
        };

        // SAFETY: The name is 'static. The callbacks are valid for as long as `Self` is, which
        // removes the state when it goes.
        let state = unsafe {
            bindings::__cpuhp_setup_state(
                bindings::cpuhp_state_CPUHP_BP_PREPARE_DYN,
                name.as_char_ptr(),
                false,
                Some(startup),
                Some(teardown),
                true,
            )
        };

        // A dynamic state's number comes back in place of 0.
        to_result(state.min(0))?;
        Ok(state)
    }

    /// Finds the owner of an instance.
    ///
    /// # Safety
    ///
    /// `node` must be the instance of a `Self` that lives for `'a`, with its callbacks ready.
    unsafe fn callbacks<'a>(node: *mut hlist_node) -> &'a T {
        // SAFETY: By the function's contract this is a field of a live `Self`.
        unsafe {
            let this = container_of!(Opaque::cast_from(node), Self, node);
            &(*this).callbacks
        }
    }

    /// # Safety
    ///
    /// To be called by the hotplug core alone, for an instance of this type's state.
    unsafe extern "C" fn startup(cpu: c_uint, node: *mut hlist_node) -> c_int {
        // SAFETY: The instance lives until the hotplug core has forgotten it.
        let callbacks = unsafe { Self::callbacks(node) };
        // SAFETY: Only possible CPUs are brought up.
        let cpu = unsafe { PossibleCpu::new_unchecked(cpu) };

        from_result(|| callbacks.prepare(cpu).map(|()| 0))
    }

    /// # Safety
    ///
    /// To be called by the hotplug core alone, for an instance of this type's state.
    unsafe extern "C" fn teardown(cpu: c_uint, node: *mut hlist_node) -> c_int {
        // SAFETY: The instance lives until the hotplug core has forgotten it.
        let callbacks = unsafe { Self::callbacks(node) };
        // INVARIANT: States of the PREPARE section are torn down when the CPU is dead, under the
        // lock, and we never ask for calls on CPUs that are up.
        let cpu = DeadCpu {
            // SAFETY: Only possible CPUs were ever up.
            id: unsafe { PossibleCpu::new_unchecked(cpu) },
            _callback: PhantomData,
            _not_send: NotThreadSafe,
        };

        callbacks.dead(&cpu);
        0
    }
}

#[pinned_drop]
impl<T: Prepare> PinnedDrop for PrepareState<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the node is the state's instance. Without calls: a
        // teardown would be told that CPUs are dead that are not.
        unsafe {
            bindings::__cpuhp_state_remove_instance(self.state, self.node.get(), false);
        }
        // SAFETY: The state is ours, and has no instance any more.
        unsafe { bindings::__cpuhp_remove_state(self.state, false) };
    }
}
