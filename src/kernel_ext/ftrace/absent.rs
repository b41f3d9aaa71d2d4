// SPDX-License-Identifier: GPL-2.0

//! What a kernel without the function tracer has in place of it: nothing to count.

use core::convert::Infallible;

use kernel::{
    prelude::*,
    sync::Arc, //
};

use crate::compat::EOPNOTSUPP;

/// Tells of no symbol that it can be traced.
pub struct Tracer;

impl Tracer {
    /// Makes one.
    pub fn new() -> Result<Self> {
        Ok(Self)
    }

    /// Returns `false`.
    pub fn can_trace(&mut self, _address: usize) -> Result<bool> {
        Ok(false)
    }
}

/// Stands for what is never there.
pub struct CallCounter(Infallible);

impl CallCounter {
    /// Fails with `EOPNOTSUPP`.
    ///
    /// # Safety
    ///
    /// There is nothing to be kept to.
    pub(crate) unsafe fn new(
        _addresses: &[usize],
        _counter: usize,
        _kept: Arc<dyn Send + Sync>,
    ) -> Result<Self> {
        Err(EOPNOTSUPP)
    }
}
