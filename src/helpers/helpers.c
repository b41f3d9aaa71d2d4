// SPDX-License-Identifier: GPL-2.0
/*
 * All helpers are compiled as one, as in rust/helpers/helpers.c: a file for
 * each C header, one call for each inline function or macro.
 */

#include "helpers.h"

#include "blkdev.c"
#include "clock.c"
#include "cpufeature.c"
#include "hypervisor.c"
#include "irqflags.c"
#include "local_lock.c"
#include "mm.c"
#include "module.c"
#include "netdevice.c"
#include "nodemask.c"
#include "percpu.c"
#include "percpu-refcount.c"
#include "preempt.c"
#include "proc_fs.c"
#include "rcupdate.c"
#include "sched.c"
#include "security.c"
#include "srcu.c"
#include "syscalls.c"
#include "tracepoint.c"
