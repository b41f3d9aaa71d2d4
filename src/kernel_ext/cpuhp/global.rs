// SPDX-License-Identifier: GPL-2.0

//! States whose callbacks are a static: `cpuhp_setup_state()`.

use core::{
    marker::PhantomData,
    mem::ManuallyDrop, //
};

use kernel::{
    bindings::cpuhp_state,
    error::from_result,
    prelude::*, //
};

use crate::{
    bindings,
    cpu::CpusReadGuard,
    cpumask::PossibleCpu, //
};

use super::{
    Callbacks,
    StateId, //
};

/// Gives the one value of a type of callbacks, which [`GlobalRegistration`] calls.
///
/// C passes no pointer to the callbacks of a state that is not multi-instance.
pub trait Global: Sized + 'static {
    /// Returns the value.
    fn global() -> &'static Self;
}

/// Registers a state with one instance, whose callbacks are a static.
///
/// It needs no memory, and whoever holds the hotplug lock can add and remove it. One that is leaked
/// ([`core::mem::forget`]) goes on being called, also when its code is gone with its module.
///
/// # Examples
///
/// ```
/// use kernel_ext::{
///     cpu::cpus_read_lock,
///     cpuhp::{Global, Online, OnlineCalls, OnlineCpu, GlobalRegistration},
///     cpumask,
///     define_per_cpu, //
/// };
///
/// define_per_cpu! {
///     static ARRIVALS: u32 = 0;
/// }
///
/// struct Count;
///
/// impl Online for Count {
///     fn online(&self, _cpu: &OnlineCpu<'_>) -> Result {
///         ARRIVALS.inc();
///         Ok(())
///     }
/// }
///
/// impl Global for Count {
///     fn global() -> &'static Self {
///         &Count
///     }
/// }
///
/// let cpus = cpus_read_lock();
/// let state = GlobalRegistration::<OnlineCalls, Count>::new_cpuslocked(c"example:count", &cpus)?;
/// assert!(cpus.online().all(|cpu| ARRIVALS.read_remote(cpu) == 1));
/// state.remove_cpuslocked(&cpus);
/// ```
///
/// # Invariants
///
/// `number` was taken for a state with the callbacks of this type.
pub struct GlobalRegistration<S: Callbacks<T>, T: Global + Send + Sync> {
    number: cpuhp_state,
    _callbacks: PhantomData<fn(S, T)>,
}

impl<S: Callbacks<T>, T: Global + Send + Sync> GlobalRegistration<S, T> {
    /// Adds a state, by a name or a [`StateId`]: `cpuhp_setup_state()`, or `_nocalls()` for a
    /// section without.
    ///
    /// Fails with `ENOSPC` when all dynamic numbers are taken; with
    /// `EBUSY` when a static one is; with calls, as the callback for a CPU that is up fails. Those
    /// for the CPUs before it have then been called back, and no state is left. May sleep.
    pub fn new(id: impl Into<StateId<S>>) -> Result<Self> {
        Self::setup(id.into(), None)
    }

    /// Adds a state as [`new`](Self::new) does, for who holds the hotplug lock:
    /// `cpuhp_setup_state_cpuslocked()`.
    pub fn new_cpuslocked(id: impl Into<StateId<S>>, cpus: &CpusReadGuard) -> Result<Self> {
        Self::setup(id.into(), Some(cpus))
    }

    fn setup(id: StateId<S>, locked: Option<&CpusReadGuard>) -> Result<Self> {
        // INVARIANT: These are the callbacks of this type.
        // SAFETY: They are functions of this module, and `drop` removes the state.
        let number = unsafe { id.setup_single(Self::startup, Self::teardown, locked) }?;

        Ok(Self {
            number,
            _callbacks: PhantomData,
        })
    }

    /// Removes the state, as dropping it does, for who holds the hotplug lock:
    /// `__cpuhp_remove_state_cpuslocked()`.
    pub fn remove_cpuslocked(self, _cpus: &CpusReadGuard) {
        let this = ManuallyDrop::new(self);

        // SAFETY: By the type invariant the state is ours, and it is not used again. The guard
        // proves that the lock is held.
        unsafe { bindings::__cpuhp_remove_state_cpuslocked(this.number, S::CALLS) };
    }

    /// Returns the state's number in the table.
    ///
    /// Any context.
    pub fn number(&self) -> i32 {
        self.number
    }

    /// Calls the startup callback of the static.
    ///
    /// # Safety
    ///
    /// To be called by the hotplug core alone, for this type's state.
    unsafe extern "C" fn startup(cpu: c_uint) -> c_int {
        // SAFETY: Only possible CPUs are brought up.
        let cpu = unsafe { PossibleCpu::new_unchecked(cpu) };

        // SAFETY: This is the startup callback of a state of this section.
        from_result(|| unsafe { S::startup(T::global(), cpu) }.map(|()| 0))
    }

    /// Calls the teardown callback of the static.
    ///
    /// # Safety
    ///
    /// To be called by the hotplug core alone, for this type's state.
    unsafe extern "C" fn teardown(cpu: c_uint) -> c_int {
        // SAFETY: Only possible CPUs were ever up.
        let cpu = unsafe { PossibleCpu::new_unchecked(cpu) };

        // SAFETY: This is the teardown callback of a state of this section.
        unsafe { S::teardown(T::global(), cpu) };
        0
    }
}

impl<S: Callbacks<T>, T: Global + Send + Sync> Drop for GlobalRegistration<S, T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the state is ours. This waits for callbacks that are under
        // way.
        unsafe { bindings::__cpuhp_remove_state(self.number, S::CALLS) };
    }
}
