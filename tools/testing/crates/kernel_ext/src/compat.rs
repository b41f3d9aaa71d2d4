// SPDX-License-Identifier: GPL-2.0

//! What two versions of the kernel have under different names: an error, and the parameters of a module,
//! which a test sets.

pub use kernel::error::code::EOPNOTSUPP;

/// A parameter.
pub trait Parameter {
    type Value;

    fn value(&self) -> Self::Value;
}

pub fn value_ref<P: Parameter>(parameter: &P) -> Box<P::Value> {
    Box::new(parameter.value())
}
