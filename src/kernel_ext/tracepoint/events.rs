// SPDX-License-Identifier: GPL-2.0

//! The tracepoints that are known at compile time, and their arguments.
//!
//! C headers: [`include/trace/events/`](srctree/include/trace/events/)

use core::ptr::NonNull;

use kernel::{
    bindings::{
        bio,
        blk_status_t,
        gfp_t,
        irqaction,
        page,
        pt_regs,
        request,
        request_queue,
        task_struct, //
    },
    prelude::*, //
};

use super::probe::{
    Probe,
    Tracepoint, //
};
use crate::{
    bindings,
    block::{
        BioRef,
        DiskRef,
        RequestRef,
        Status, //
    },
    mmzone::PageRef,
    sched::SwitchedTask,
    syscall::SyscallRegs, //
};

/// Declares tracepoints: `TYPE = NAME(arguments in C) as type in C => arguments of probes`.
macro_rules! tracepoints {
    ($(
        $(#[$attr:meta])*
        $event:ident = $name:ident($($arg:ident: $type:ty),*) as $check:ident => $args:ty $make:block
    )*) => {$(
        $(#[$attr])*
        pub struct $event;

        // SAFETY: `probe` has the type that C checks against the tracepoint of this name, and
        // does no more than to call `P::call`, with arguments that are read without a call.
        unsafe impl Tracepoint for $event {
            const NAME: &'static CStr = {
                match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => panic!("a name holds no NUL"),
                }
            };

            type Args<'a> = $args;

            fn probe<P: Probe<Self>>() -> NonNull<c_void> {
                /// # Safety
                ///
                /// To be called by the tracepoint alone, with a pointer to a `P` as its data.
                unsafe extern "C" fn $name<P: Probe<$event>>(data: *mut c_void, $($arg: $type),*) {
                    // SAFETY: By the function's contract. The probe outlives all calls.
                    let probe = unsafe { &*data.cast::<P>() };

                    probe.call($make);
                }

                let probe: bindings::$check = Some($name::<P>);
                probe.map_or(NonNull::dangling(), |probe| {
                    // CAST: C keeps probes of all types as `void *`.
                    // SAFETY: A function's address is not null.
                    unsafe { NonNull::new_unchecked(probe as *mut c_void) }
                })
            }
        }
    )*};
}

tracepoints! {
    /// Names `block:block_bio_complete`: a bio ends that was not made a request of.
    ///
    /// Probes get the disk that the bio was submitted to, and the bio.
    ///
    /// A driver that hands bios on to disks that take requests may pass this tracepoint when such a
    /// request ends, with the disk that its first bio was submitted to, while the bio is for the
    /// disk that it was handed on to. NVMe with several paths does. The bio has no status then.
    ///
    /// In the context of `bio_endio()`, which may be any but NMI.
    BlockBioComplete = block_bio_complete(
        q: *mut request_queue, bio: *mut bio
    ) as kernel_ext_probe_block_bio_complete => (Option<DiskRef<'a>>, BioRef<'a>) {
        // SAFETY: The tracepoint is passed by `bio_endio()`, for a bio with a device, and by
        // `nvme_trace_bio_complete()`, for the bio of a request that has ended and is about to end
        // its bios. Both own the bio until the probe returns, and nobody else changes it.
        let bio = unsafe { BioRef::from_raw(NonNull::new_unchecked(bio)) };
        // SAFETY: The queue is that of a disk that is in use until the bio has ended.
        let disk = NonNull::new(unsafe { (*q).disk });
        // SAFETY: The same.
        (disk.map(|disk| unsafe { DiskRef::from_raw(disk) }), bio)
    }

    /// Names `block:block_bio_queue`: a bio is submitted to a disk.
    ///
    /// It is passed once for each bio, however often drivers hand the bio on or submit the rest of
    /// it again: here a bio is marked to be traced at its end (`BIO_TRACE_COMPLETION`). The bio
    /// still has the size that was asked for. A bio that the disk cannot take does not come here,
    /// and one that is throttled not until it is let through.
    ///
    /// In the context of `submit_bio_noacct()`, a task's.
    BlockBioQueue = block_bio_queue(
        bio: *mut bio
    ) as kernel_ext_probe_block_bio_queue => BioRef<'a> {
        // SAFETY: The tracepoint is passed by who submits the bio, which has a device.
        unsafe { BioRef::from_raw(NonNull::new_unchecked(bio)) }
    }

    /// Names `block:block_io_done`: a request has ended and is about to be counted.
    ///
    /// In the context of its completion, which may be any but NMI. Requests of which nobody wants
    /// to know when they were made or ended do not come here.
    BlockIoDone = block_io_done(
        rq: *mut request
    ) as kernel_ext_probe_block_io_done => RequestRef<'a> {
        // SAFETY: The tracepoint is passed by who ends the request.
        unsafe { RequestRef::from_raw(NonNull::new_unchecked(rq)) }
    }

    /// Names `block:block_rq_complete`: a part of a request is done, mostly all of it.
    ///
    /// Probes get the request, how the part ended, and its number of bytes.
    ///
    /// In the context of its completion, which may be any but NMI.
    BlockRqComplete = block_rq_complete(
        rq: *mut request, error: blk_status_t, nr_bytes: c_uint
    ) as kernel_ext_probe_block_rq_complete => (RequestRef<'a>, Status, u32) {
        // SAFETY: The tracepoint is passed by who completes the request.
        let request = unsafe { RequestRef::from_raw(NonNull::new_unchecked(rq)) };
        (request, Status(error), nr_bytes)
    }

    /// Names `block:block_split`: a bio was split.
    ///
    /// Probes get one of its parts, which is for the same disk.
    ///
    /// In the context of the driver that splits it, a task's.
    BlockSplit = block_split(
        bio: *mut bio, _new_sector: c_uint
    ) as kernel_ext_probe_block_split => BioRef<'a> {
        // SAFETY: The tracepoint is passed by who splits the bio, which has a device.
        unsafe { BioRef::from_raw(NonNull::new_unchecked(bio)) }
    }

    /// Names `irq:irq_handler_entry`: a handler of a device interrupt is about to run.
    ///
    /// Probes get the interrupt's number. In hard interrupt context. Each handler of a shared line
    /// comes here. Vectors that x86 handles itself, such as the local timer and inter-processor
    /// interrupts, do not.
    IrqHandlerEntry = irq_handler_entry(
        irq: c_int, _action: *mut irqaction
    ) as kernel_ext_probe_irq_handler_entry => c_int { irq }

    /// Names `irq:irq_handler_exit`: a handler of a device interrupt has run.
    ///
    /// Probes get the interrupt's number. In hard interrupt context, as above.
    IrqHandlerExit = irq_handler_exit(
        irq: c_int, _action: *mut irqaction, _ret: c_int
    ) as kernel_ext_probe_irq_handler_exit => c_int { irq }

    /// Names `kmem:mm_page_alloc`: a block of pages was asked for.
    ///
    /// Probes get the first of its pages, or `None` if there was no such block, and its order.
    ///
    /// In the context of the allocation, which may be any but NMI.
    MmPageAlloc = mm_page_alloc(
        page: *mut page, order: c_uint, _gfp: gfp_t, _migratetype: c_int
    ) as kernel_ext_probe_mm_page_alloc => (Option<PageRef<'a>>, u32) {
        // SAFETY: If not null, it is a page that the tracepoint's caller owns meanwhile.
        let page = NonNull::new(page).map(|page| unsafe { PageRef::from_raw(page) });
        (page, order)
    }

    /// Names `kmem:mm_page_free`: a block of pages is given back.
    ///
    /// Probes get the first of its pages, and its order.
    ///
    /// In the context of the release, which may be any but NMI.
    MmPageFree = mm_page_free(
        page: *mut page, order: c_uint
    ) as kernel_ext_probe_mm_page_free => (PageRef<'a>, u32) {
        // SAFETY: It is a page that the tracepoint's caller owns meanwhile, so it is not null.
        let page = unsafe { PageRef::from_raw(NonNull::new_unchecked(page)) };
        (page, order)
    }

    /// Names `percpu:percpu_alloc_percpu`: per-CPU memory was allocated.
    ///
    /// Probes get whether it is of the modules' reserve, and the per-CPU address of its chunk.
    ///
    /// In the context of the allocation, which may be any but NMI.
    PercpuAllocPercpu = percpu_alloc_percpu(
        _call_site: c_ulong, reserved: bool, _is_atomic: bool, _size: usize, _align: usize,
        _base_addr: *mut c_void, off: c_int, ptr: *mut c_void, _bytes_alloc: usize, _gfp: gfp_t
    ) as kernel_ext_probe_percpu_alloc_percpu => (bool, usize) {
        // CAST: An offset into a chunk is not negative.
        (reserved, ptr.addr().wrapping_sub(off as usize))
    }

    /// Names `sched:sched_switch`: the CPU switches to another task.
    ///
    /// Probes get the task that it switches from, and the one that it switches to. With interrupts off
    /// and the runqueue's lock held.
    SchedSwitch = sched_switch(
        _preempt: bool, prev: *mut task_struct, next: *mut task_struct, _prev_state: c_uint
    ) as kernel_ext_probe_sched_switch => (SwitchedTask<'a>, SwitchedTask<'a>) {
        // SAFETY: The tracepoint is passed by who switches the two tasks of this runqueue, under its lock,
        // so they are not null and stay.
        unsafe {
            (
                SwitchedTask::from_raw(NonNull::new_unchecked(prev)),
                SwitchedTask::from_raw(NonNull::new_unchecked(next)),
            )
        }
    }

    /// Names `irq:softirq_entry`: a softirq's handler is about to run.
    ///
    /// Probes get the softirq's number. In softirq context.
    SoftirqEntry = softirq_entry(
        vec_nr: c_uint
    ) as kernel_ext_probe_softirq_entry => u32 { vec_nr }

    /// Names `irq:softirq_exit`: a softirq's handler has run.
    ///
    /// Probes get the softirq's number. In softirq context.
    SoftirqExit = softirq_exit(
        vec_nr: c_uint
    ) as kernel_ext_probe_softirq_exit => u32 { vec_nr }

    /// Names `raw_syscalls:sys_enter`: the current task makes a system call.
    ///
    /// Probes get the task's registers. In the context of the task, with preemption on.
    SysEnter = sys_enter(
        regs: *mut pt_regs, _id: c_long
    ) as kernel_ext_probe_sys_enter => SyscallRegs<'a> {
        // SAFETY: The tracepoint is passed by the task that makes the call, with its registers.
        unsafe { SyscallRegs::from_raw(NonNull::new_unchecked(regs)) }
    }

    /// Names `raw_syscalls:sys_exit`: a system call of the current task's is over.
    ///
    /// Probes get the task's registers, and what the call returns. In the context of the task, with
    /// preemption on. System calls that do not return, such as `exit`, do not come here.
    SysExit = sys_exit(
        regs: *mut pt_regs, ret: c_long
    ) as kernel_ext_probe_sys_exit => (SyscallRegs<'a>, c_long) {
        // SAFETY: The tracepoint is passed by the task that has made the call, with its registers.
        (unsafe { SyscallRegs::from_raw(NonNull::new_unchecked(regs)) }, ret)
    }
}
