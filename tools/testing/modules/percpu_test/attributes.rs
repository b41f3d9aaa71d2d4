// SPDX-License-Identifier: GPL-2.0

//! Attributes of variables and of structs.

use kernel::prelude::*;
use kernel_ext::{
    define_per_cpu,
    per_cpu_struct,
    percpu::{
        PerCpu,
        PerCpuBox, //
    }, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(crate) const CASES: &[Case] = &[
    ("an attribute says whether there is a variable", configured),
    ("attributes of a struct keep its fields aligned", aligned),
];

define_per_cpu! {
    /// Of two variables of one name there is the one that the configuration asks for.
    #[cfg(CONFIG_SMP)]
    static CONFIGURED: u32 = 1;

    /// The other one, of another type.
    #[cfg(not(CONFIG_SMP))]
    static CONFIGURED: u64 = 2;

    static LINE: Line = Line { byte: 1, pair: 2, word: 3 };
}

per_cpu_struct! {
    #[derive(Clone, Copy, Debug, Default)]
    #[cfg_attr(CONFIG_SMP, repr(C, align(64)))]
    struct Line {
        byte: u8,
        #[cfg(CONFIG_SMP)]
        pair: u128,
        #[allow(missing_docs)]
        word: u64,
    }
}

fn configured() -> Outcome {
    expect("the variable", CONFIGURED.read(), 1u32)
}

fn aligned() -> Outcome {
    let line = PerCpuBox::new(GFP_KERNEL, |_| Line::default())?;

    for (pair, word) in [
        (LINE.pair.as_allocated(), LINE.word.as_allocated()),
        (line.pair.as_allocated(), line.word.as_allocated()),
    ] {
        expect("past 64 bytes", address(pair) % 64, 16)?;
        expect("past 64 bytes", address(word) % 64, 32)?;
    }
    expect("the byte", LINE.byte.read(), 1)
}

fn address<T>(variable: &PerCpu<T>) -> usize {
    core::ptr::from_ref(variable).addr()
}
