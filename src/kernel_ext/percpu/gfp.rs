// SPDX-License-Identifier: GPL-2.0

//! Allocation flags, as C wants them.

use kernel::{
    alloc::{
        flags::*,
        Flags, //
    },
    bindings::{
        self,
        gfp_t, //
    }, //
};

/// The number that `flags` stand for.
///
/// `Flags` keeps its number to the `kernel` crate, but can be asked for each of the flags that
/// the crate has.
pub(super) fn as_raw(flags: Flags) -> gfp_t {
    let known = [
        (__GFP_ZERO, bindings::__GFP_ZERO),
        (__GFP_HIGHMEM, bindings::__GFP_HIGHMEM),
        (__GFP_NOWARN, bindings::__GFP_NOWARN),
        (GFP_ATOMIC, bindings::GFP_ATOMIC),
        (GFP_KERNEL, bindings::GFP_KERNEL),
        (GFP_KERNEL_ACCOUNT, bindings::GFP_KERNEL_ACCOUNT),
        (GFP_NOWAIT, bindings::GFP_NOWAIT),
    ];

    known
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .fold(0, |gfp, (_, raw)| gfp | raw)
}
