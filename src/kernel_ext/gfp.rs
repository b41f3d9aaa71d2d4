// SPDX-License-Identifier: GPL-2.0

//! Allocation flags, as C wants them.
//!
//! C header: [`include/linux/gfp_types.h`](srctree/include/linux/gfp_types.h)

use kernel::{
    alloc::{
        flags::*,
        Flags, //
    },
    bindings::{
        self,
        gfp_t, //
    },
    prelude::*, //
};

/// Returns the number that `flags` stand for.
///
/// `Flags` keeps its number to the `kernel` crate, but can be asked for each of the flags that
/// the crate has. Fails with `EINVAL` if there is more in `flags` than these: without it, the
/// allocation would not be what was asked for.
pub(crate) fn as_raw(flags: Flags) -> Result<gfp_t> {
    let known = [
        (__GFP_ZERO, bindings::__GFP_ZERO),
        (__GFP_HIGHMEM, bindings::__GFP_HIGHMEM),
        (__GFP_NOWARN, bindings::__GFP_NOWARN),
        (GFP_ATOMIC, bindings::GFP_ATOMIC),
        (GFP_KERNEL, bindings::GFP_KERNEL),
        (GFP_KERNEL_ACCOUNT, bindings::GFP_KERNEL_ACCOUNT),
        (GFP_NOWAIT, bindings::GFP_NOWAIT),
    ];
    let none = (__GFP_ZERO & !__GFP_ZERO, 0);

    let (found, raw) = known
        .into_iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .fold(none, |all, one| (all.0 | one.0, all.1 | one.1));

    if found != flags {
        return Err(EINVAL);
    }
    Ok(raw)
}
