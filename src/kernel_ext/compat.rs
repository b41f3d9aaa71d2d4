// SPDX-License-Identifier: GPL-2.0

//! What the `kernel` crate of Linux 7.3 has and that of 7.2 lacks.
//!
//! Two minor versions of Linux are supported at any time. All sources are written for the newer one;
//! what the older one lacks is here, by the newer one's names. Kbuild says which it is: `linux_7_2`. When
//! the next minor version comes, what is here goes.

#[cfg(not(linux_7_2))]
pub use kernel::error::code::{
    EDEADLK,
    EOPNOTSUPP, //
};
#[cfg(not(linux_7_2))]
pub use kernel::interrupt::LocalInterruptDisabled;
#[cfg(not(linux_7_2))]
pub use kernel::sync::rcu::{
    rcu_barrier,
    synchronize_rcu, //
};
use kernel::{
    alloc::Flags,
    module_param::ModuleParamAccess,
    prelude::*, //
};
#[cfg(not(linux_7_2))]
pub(crate) use pin_init::raw_try_init;

#[cfg(linux_7_2)]
pub(crate) use self::linux_7_2::raw_try_init;
#[cfg(linux_7_2)]
pub use self::linux_7_2::{
    rcu_barrier,
    synchronize_rcu,
    LocalInterruptDisabled,
    EDEADLK,
    EOPNOTSUPP, //
};

#[cfg(linux_7_2)]
mod linux_7_2;

/// Returns the value of a module's parameter: `ModuleParamAccess::value_ref()`.
///
/// Any context.
pub fn value_ref<T>(parameter: &ModuleParamAccess<T>) -> &T {
    #[cfg(linux_7_2)]
    return parameter.value();
    #[cfg(not(linux_7_2))]
    parameter.value_ref()
}

/// Allocates `len` zeroes: `KVVec::zeroed()`.
///
/// May sleep if `flags` lets it.
pub(crate) fn zeroed_bytes(len: usize, flags: Flags) -> Result<KVVec<u8>> {
    #[cfg(linux_7_2)]
    return Ok(KVVec::from_elem(0, len, flags)?);
    #[cfg(not(linux_7_2))]
    Ok(KVVec::zeroed(len, flags)?)
}
