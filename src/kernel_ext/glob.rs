// SPDX-License-Identifier: GPL-2.0

//! Patterns with wildcards, as a shell has them.
//!
//! C header: [`include/linux/glob.h`](srctree/include/linux/glob.h)

use kernel::prelude::*;

use crate::bindings;

/// Returns whether `pattern` matches all of `text`: `glob_match()`.
///
/// In a pattern `*` stands for any bytes or none, `?` for one byte, `[a-z_]` for one byte of these,
/// and `[!a-z]` for one byte that is none of these. `\` takes the next byte as it is. A bracket
/// that is not closed stands for itself.
///
/// Any context. The time is at worst in proportion to the product of both lengths.
///
/// # Examples
///
/// ```
/// use kernel_ext::glob::glob_match;
///
/// assert!(glob_match(c"sched_*", c"sched_switch"));
/// assert!(glob_match(c"irq_handler_e[nx]*t*", c"irq_handler_entry"));
/// assert!(!glob_match(c"sched", c"sched_switch"));
/// ```
pub fn glob_match(pattern: &CStr, text: &CStr) -> bool {
    // SAFETY: Both end in a NUL, and the call only reads them.
    unsafe { bindings::glob_match(pattern.as_char_ptr(), text.as_char_ptr()) }
}
