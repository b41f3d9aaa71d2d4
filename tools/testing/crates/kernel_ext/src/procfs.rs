// SPDX-License-Identifier: GPL-2.0

//! Whoever opened a file.

use core::marker::PhantomData;

/// Names a capability.
#[derive(Clone, Copy)]
pub enum Capability {
    Perfmon,
}

/// Has opened a file with some rights.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    perfmon: bool,
    _file: PhantomData<&'a ()>,
}

impl Opener<'_> {
    pub fn new(perfmon: bool) -> Self {
        Self {
            perfmon,
            _file: PhantomData,
        }
    }

    pub fn capable(self, _: Capability) -> bool {
        self.perfmon
    }
}
