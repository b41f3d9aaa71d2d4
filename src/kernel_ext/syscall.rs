// SPDX-License-Identifier: GPL-2.0

//! System calls: their numbers, and the registers that a task makes one with.
//!
//! C headers: [`include/linux/syscalls.h`](srctree/include/linux/syscalls.h),
//! [`arch/x86/include/asm/syscall.h`](srctree/arch/x86/include/asm/syscall.h)

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    bindings::{
        pt_regs,
        task_struct, //
    },
    prelude::*,
    str::BStr, //
};

use crate::bindings;

/// Counts the numbers of system calls: those that there are lie below it.
// CAST: Widening.
pub const NR_SYSCALLS: usize = bindings::KERNEL_EXT_NR_SYSCALLS as usize;

/// Walks the names of the system calls, `read` and its like, in the order of their numbers.
///
/// A name is that of the function that the call enters, which is `sys_read`. Numbers that stand for
/// no call have the name of a function that says so, `ni_syscall`.
///
/// Any context.
pub fn names() -> impl Iterator<Item = &'static BStr> {
    // SAFETY: A plain function call.
    let mut next = unsafe { bindings::syscall_symbols() };

    core::iter::from_fn(move || {
        // SAFETY: It is one of the strings that stand there one behind the other, or the empty one
        // behind the last, which is not left. They are part of this module.
        let line = unsafe { CStr::from_char_ptr(next) };

        // A number, a blank, and the symbol; nothing in the empty one.
        let mut words = line.to_bytes().splitn(2, |&byte| byte == b' ');
        let symbol = words.nth(1)?;
        next = next.wrapping_add(line.count_bytes().wrapping_add(1));
        Some(BStr::from_bytes(
            symbol.strip_prefix(b"sys_").unwrap_or(symbol),
        ))
    })
}

crate::declare_per_cpu! {
    /// Points to the task that runs on this CPU.
    // SAFETY: C writes it when it switches tasks, by one instruction on the task's own CPU. Here it
    // is read only.
    unsafe static CURRENT_TASK: *mut task_struct = bindings::current_task;
}

/// Refers to the registers that the current task has entered the kernel with, for a system call:
/// `struct pt_regs`.
///
/// # Invariants
///
/// The pointer is to the current task's registers, which stay for `'a`.
#[derive(Clone, Copy)]
pub struct SyscallRegs<'a>(NonNull<pt_regs>, PhantomData<&'a pt_regs>);

impl SyscallRegs<'_> {
    /// Takes a pointer of C's.
    ///
    /// # Safety
    ///
    /// It must be to the registers of the current task, which must stay for the lifetime of the
    /// result.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(regs: NonNull<pt_regs>) -> Self {
        // INVARIANT: By the function's contract.
        Self(regs, PhantomData)
    }

    /// Returns the number of the system call: `syscall_get_nr()`.
    ///
    /// Tracers of the task may have put any number there, and `rt_sigreturn` puts one there that is
    /// none. Of a call that [is compat](Self::is_compat) it is a number of another table.
    ///
    /// Any context.
    #[inline(always)]
    pub fn nr(self) -> u32 {
        // CAST: C takes the lower half too.
        // SAFETY: By the type invariant. Only the task itself and its tracers, for which it stands
        // still, change its registers.
        unsafe { (*self.0.as_ptr()).orig_ax as u32 }
    }

    /// Returns whether a program of 32 bits makes the call, or one of 64 bits that enters as such:
    /// `in_ia32_syscall()`.
    ///
    /// The other programs of 32 bits, of the x32 ABI, have a bit in the number of the call that
    /// makes it higher than those of all others.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_compat(self) -> bool {
        // SAFETY: The current task stays while it runs this. `status` is changed by the task itself
        // alone.
        let status = unsafe { (*CURRENT_TASK.read()).thread_info.status };

        cfg!(CONFIG_IA32_EMULATION) && status & bindings::TS_COMPAT != 0
    }
}

/// Returns whether what a system call returns is an error: `IS_ERR_VALUE()`.
///
/// Any context.
#[inline(always)]
pub fn is_error(ret: c_long) -> bool {
    // CAST: `MAX_ERRNO` is 4095.
    const MAX_ERRNO: c_long = bindings::MAX_ERRNO as c_long;

    (-MAX_ERRNO..0).contains(&ret)
}
