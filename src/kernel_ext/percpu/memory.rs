// SPDX-License-Identifier: GPL-2.0

//! Memory that every possible CPU has its own copy of, and who owns it.
//!
//! [`var`] has the variable, all of its copies at once. It is a static ([`define`]), or lies in an
//! allocation ([`alloc`]) that a [`boxed`] variable, an [`array`](mod@array) or [`shared`] objects
//! own. [`structs`] makes a variable of each field of a struct. On arrays stand [`slots`], counters
//! that come and go, [`overlay`], counters with names, and [`export`], counters for C.

mod alloc;
mod allocated;
mod array;
mod boxed;
mod define;
mod export;
mod overlay;
mod shared;
mod slots;
mod structs;
mod var;

pub use self::{
    allocated::Allocated,
    array::Array,
    boxed::PerCpuBox,
    define::Image,
    export::{
        raw as __export,
        CounterSource,
        Keys, //
    },
    overlay::{
        Counters,
        Overlay, //
    },
    shared::PerCpuShared,
    slots::{
        Slot,
        Slots, //
    },
    structs::{
        assert_field,
        PerCpuStruct, //
    },
    var::PerCpu, //
};
