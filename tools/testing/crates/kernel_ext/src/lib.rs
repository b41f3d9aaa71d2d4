// SPDX-License-Identifier: GPL-2.0

//! kernel_ext on the host: files of src/kernel_ext that need no kernel, and stands for the rest.
//!
//! [`bitmap`], [`percpu::Histogram`] and [`tracepoint::SystemSearch`] are the very files that the
//! module is made of. What stands for the rest is a machine of two CPUs on which one thing happens
//! at a time: the thread says which CPU it runs on ([`cpu::run_on`]), which of them are up, and
//! which events there are and happen ([`tracepoint`]).

#[path = "../../../../../src/kernel_ext/bitmap.rs"]
pub mod bitmap;
pub mod block;
pub mod compat;
pub mod cpu;
pub mod cpuhp;
pub mod cpumask;
pub mod glob;
pub mod interrupt;
pub mod percpu;
pub mod procfs;
pub mod security;
pub mod sync;
pub mod tracepoint;
