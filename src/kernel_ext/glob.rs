// SPDX-License-Identifier: GPL-2.0

//! Patterns as a shell has them.
//!
//! C header: [`include/linux/glob.h`](srctree/include/linux/glob.h)

use kernel::prelude::*;

use crate::bindings;

/// Tells whether all of `text` is what `pattern` stands for: `glob_match()`.
///
/// `*` stands for any bytes or none, `?` for one byte, `[a-z_]` for one of those and `[!a-z]` for
/// one that is none of them; `\` takes the next byte as it is. A bracket that is not closed stands
/// for itself. It takes time in proportion to the product of both lengths, at worst. Any context.
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
