// SPDX-License-Identifier: GPL-2.0

//! No name of the user's is taken for one that a macro for loadable modules means.

#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]

#[macro_use]
#[path = "hostile/names.rs"]
mod names;

use names::*;

use real::{
    Done,
    Maybe,
    Truth,
    Word, //
};

::kernel_ext::module_info! {
    name: "hostile_names",
    authors: ["The tally developers"],
    description: "Names",
    license: "GPL",
}

fn start() -> Done {
    real::DONE
}
::kernel_ext::late_initcall!(start);

fn end() {}
::kernel_ext::module_exit!(end);

static STORED: ::kernel::sync::atomic::Atomic<Word> = ::kernel::sync::atomic::Atomic::new(0);

const fn made(_: Maybe<'_>) -> ::kernel::error::Result<Word> {
    ::core::result::Result::Ok(1)
}
::kernel_ext::early_param!("hostile_made", STORED, made);

const fn rest(_: &::kernel::str::CStr) -> ::core::option::Option<Word> {
    ::core::option::Option::Some(1)
}
::kernel_ext::__setup!("hostile_rest=", STORED, rest);

fn parameter(_: Maybe<'_>) -> Done {
    real::DONE
}
::kernel_ext::early_param!(unsafe "hostile_names", parameter);

fn beginning(_: &::kernel::str::CStr) -> Truth {
    true
}
::kernel_ext::__setup!(unsafe "hostile_names=", beginning);
