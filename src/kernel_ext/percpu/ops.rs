// SPDX-License-Identifier: GPL-2.0

//! What a CPU does to a value in its own per-CPU memory: one instruction.
//!
//! [`value`] has the types that an instruction works on, [`flavour`] and [`pin`] what may come into
//! an operation's middle. [`storage`] is the list of operations, for variables of every kind. On
//! x86-64 [`x86`] has the instruction of each, elsewhere [`generic`] calls C.

mod double;
mod flavour;
mod generic;
mod pin;
mod storage;
mod value;
#[cfg(CONFIG_X86_64)]
pub mod x86;

pub use self::{
    double::HasCmpxchg128,
    flavour::{
        Flavour,
        RawCpu,
        ThisCpu, //
    },
    pin::{
        get_cpu,
        raw_smp_processor_id,
        CpuPin,
        Pinned, //
    },
    storage::Storage,
    value::{
        PerCpuField,
        PerCpuInt,
        PerCpuValue, //
    }, //
};
