// SPDX-License-Identifier: GPL-2.0

//! Functions of the kernel, and how often they are called.
//!
//! C header: [`include/linux/ftrace.h`](srctree/include/linux/ftrace.h)
//!
//! A kernel with the function tracer has room at the beginning of nearly each function for a call,
//! which is a `nop` as long as nobody is interested. A [`CallCounter`] has a call put there, of a piece
//! of code that the kernel makes for this counter alone and that does nothing but add to it.
//!
//! # Which functions there are
//!
//! The kernel tells modules neither the list of its functions nor where a function of a given name
//! is. It does print the symbol at an address, with the symbol's size (`sprint_symbol()`). Symbols lie
//! one behind the other, so [`for_each_symbol`] goes from one to the next, from one that is known up
//! and down. Whether a symbol is a function that can be traced is found out by a filter that nobody
//! uses ([`Tracer`]).
//!
//! A kernel without the function tracer has no function that can be traced.

#[cfg(not(CONFIG_DYNAMIC_FTRACE))]
mod absent;
#[cfg(CONFIG_DYNAMIC_FTRACE)]
mod counter;
mod symbols;

#[cfg(not(CONFIG_DYNAMIC_FTRACE))]
use self::absent as counter;

pub use self::{
    counter::{
        CallCounter,
        Tracer, //
    },
    symbols::for_each_symbol, //
};
