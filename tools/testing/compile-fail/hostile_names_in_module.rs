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
    Truth, //
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

fn parameter(_: Maybe<'_>) -> Done {
    real::DONE
}
::kernel_ext::early_param!("hostile_names", parameter);

fn beginning(_: &::kernel::str::CStr) -> Truth {
    true
}
::kernel_ext::__setup!("hostile_names=", beginning);
