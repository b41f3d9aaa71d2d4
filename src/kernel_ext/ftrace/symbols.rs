// SPDX-License-Identifier: GPL-2.0

//! The symbols of the kernel, and where they are.
//!
//! C source: [`kernel/kallsyms.c`](srctree/kernel/kallsyms.c)

use core::ops::ControlFlow;

use kernel::prelude::*;

use crate::{
    bindings,
    context::cond_resched, //
};

/// Holds what `sprint_symbol()` prints: a name, an offset, a size, the name of a module.
type Buffer = [u8; bindings::KERNEL_EXT_KSYM_SYMBOL_LEN];

/// Describes a symbol of the kernel.
struct Symbol<'a> {
    name: &'a CStr,
    address: usize,
    size: usize,
}

/// Finds the symbol of the kernel that covers an address; `None` if there is none.
fn symbol_at(address: usize, buffer: &mut Buffer) -> Option<Symbol<'_>> {
    // CAST: The same width.
    // SAFETY: The buffer is as long as C wants it.
    unsafe { bindings::sprint_symbol(buffer.as_mut_ptr().cast(), address as c_ulong) };

    // `name+0x10/0x80`, or `0xffffffff81000000` where there is no symbol.
    let text = CStr::from_bytes_until_nul(buffer).ok()?.to_bytes();
    let plus = text.iter().rposition(|&byte| byte == b'+')?;
    let numbers = core::str::from_utf8(text.get(plus + 1..)?).ok()?;
    let (offset, size) = numbers.split_once('/')?;
    let hex = |text: &str| usize::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    let (offset, size) = (hex(offset)?, hex(size)?);

    // The name ends where the numbers began.
    *buffer.get_mut(plus)? = 0;
    Some(Symbol {
        name: CStr::from_bytes_until_nul(buffer).ok()?,
        address: address.checked_sub(offset)?,
        size,
    })
}

/// Calls `f` with the name and the address of each symbol of the kernel, until `f` breaks.
///
/// They are functions and other places, in no order; some names are there more than once. Symbols of
/// modules are not among them.
///
/// Sleeps, and takes long, as there are many; other tasks run in between. Fails with `ENOMEM`.
pub fn for_each_symbol(mut f: impl FnMut(&CStr, usize) -> ControlFlow<()>) -> Result {
    let mut buffer = KBox::new([0; size_of::<Buffer>()], GFP_KERNEL)?;
    // CAST: The address of a function of the kernel, somewhere among its symbols.
    let known = bindings::sprint_symbol as usize;

    let mut above = known;
    while let Some(symbol) = symbol_at(above, &mut buffer) {
        cond_resched();
        // It is behind this address, whatever the symbol's size is.
        above = above
            .saturating_add(1)
            .max(symbol.address.saturating_add(symbol.size));
        if f(symbol.name, symbol.address).is_break() {
            return Ok(());
        }
    }
    let mut below = known.wrapping_sub(1);
    while let Some(symbol) = symbol_at(below, &mut buffer) {
        cond_resched();
        below = symbol.address.wrapping_sub(1);
        if f(symbol.name, symbol.address).is_break() {
            return Ok(());
        }
    }
    Ok(())
}
