// SPDX-License-Identifier: GPL-2.0

/* "0 sys_read" and its like; each ends with a NUL, and an empty one comes last. */
#define __SYSCALL(nr, sym) #nr " " #sym "\0"
#define __SYSCALL_NORETURN(nr, sym) #nr " " #sym "\0"

/* The list that the kernel makes sys_call_table of. */
static const char syscall_symbols[] =
#include <asm/syscalls_64.h>
;

const char *kernel_ext_helper_syscall_symbols(void)
{
	return syscall_symbols;
}
