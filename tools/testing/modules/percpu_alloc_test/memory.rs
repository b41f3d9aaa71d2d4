// SPDX-License-Identifier: GPL-2.0

//! What is in a copy before anybody sees it, and what becomes of it.

use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        SpinLock, //
    }, //
};
use kernel_ext::{
    cpumask,
    per_cpu_struct,
    percpu::{
        get_cpu,
        Array,
        PerCpu,
        PerCpuBox,
        PerCpuShared, //
    }, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(crate) const CASES: &[Case] = &[
    (
        "an array is zeroed on all CPUs, where others left bytes",
        zeroed_array,
    ),
    (
        "a box is zeroed on all CPUs, where others left bytes",
        zeroed_box,
    ),
    (
        "a box is initialised for each possible CPU",
        initialised_box,
    ),
    (
        "an array is initialised for each possible CPU",
        initialised_array,
    ),
    ("an array of structs has their fields", array_of_structs),
    ("all copies are dropped", all_dropped),
    (
        "copies that were made are dropped when another fails",
        made_dropped,
    ),
    (
        "pinned copies that were made are dropped when another fails",
        pinned_dropped,
    ),
    ("sizes that the allocator refuses are refused", sizes),
];

/// A variable's address, in the per-CPU address space.
pub(super) fn address<T>(var: &PerCpu<T>) -> usize {
    core::ptr::from_ref(var).addr()
}

/// The number of CPUs that copies are for.
fn possible() -> u32 {
    cpumask::possible().weight()
}

/// Runs `again` until it has the memory that `dirty` just left.
fn same_memory(
    dirty: fn() -> Result<usize>,
    again: fn(usize) -> Result<Option<Outcome>>,
) -> Outcome {
    for _ in 0..100 {
        if let Some(outcome) = again(dirty()?)? {
            return outcome;
        }
    }
    expect("the same memory again", false, true)
}

fn zeroed_array() -> Outcome {
    const LEN: usize = 512;

    same_memory(
        || {
            let array = Array::<u64>::new(LEN, GFP_KERNEL, |_, _| !0)?;
            Ok(array.get(0).map_or(0, address))
        },
        |before| {
            let array = Array::<u64>::zeroed(LEN, GFP_KERNEL)?;
            let zeroed = || {
                for cpu in cpumask::possible().iter() {
                    for slot in (0..LEN).filter_map(|index| array.get(index)) {
                        expect("a word", slot.read_remote(cpu), 0)?;
                    }
                }
                Ok(())
            };

            let same = array.get(0).map_or(0, address) == before;
            Ok(same.then(zeroed))
        },
    )
}

fn zeroed_box() -> Outcome {
    same_memory(
        || Ok(address(&*PerCpuBox::new(GFP_KERNEL, |_| !0u64)?)),
        |before| {
            let word = PerCpuBox::<u64>::zeroed(GFP_KERNEL)?;
            let zeroed = || {
                for cpu in cpumask::possible().iter() {
                    expect("a word", word.read_remote(cpu), 0)?;
                }
                Ok(())
            };

            Ok((address(&word) == before).then(zeroed))
        },
    )
}

fn initialised_box() -> Outcome {
    let mut made = 0u32;
    let boxed = PerCpuBox::new(GFP_KERNEL, |cpu| {
        made = made.wrapping_add(1);
        !cpu.as_u32()
    })?;

    expect("copies made", made, possible())?;
    for cpu in cpumask::possible().iter() {
        expect("a copy", boxed.read_remote(cpu), !cpu.as_u32())?;
    }
    Ok(())
}

fn initialised_array() -> Outcome {
    let array = Array::new(3, GFP_KERNEL, |cpu, index| {
        // CAST: Both are small.
        (u64::from(cpu.as_u32()) << 32) | index as u64
    })?;

    for cpu in cpumask::possible().iter() {
        for index in 0..3u64 {
            // CAST: It is small.
            let found = array
                .get(index as usize)
                .map_or(!0, |slot| slot.read_remote(cpu));
            expect("an element", found, (u64::from(cpu.as_u32()) << 32) | index)?;
        }
    }
    Ok(())
}

per_cpu_struct! {
    struct Stats {
        reads: u64,
        writes: u32,
    }
}

fn array_of_structs() -> Outcome {
    let array = Array::<Stats>::zeroed(3, GFP_KERNEL)?;
    let _pin = get_cpu();

    if let Some(stats) = array.get(1) {
        stats.reads.add(5);
        stats.writes.dec();
    }
    for (index, reads, writes) in [(0, 0, 0), (1, 5, u32::MAX), (2, 0, 0)] {
        let Some(stats) = array.get(index) else {
            return expect("an element", false, true);
        };
        expect("reads", stats.reads.read(), reads)?;
        expect("writes", stats.writes.read(), writes)?;
    }
    Ok(())
}

/// Counts how often one of it is dropped.
pub(super) struct Tracked<'a>(pub(super) &'a Atomic<u32>);

impl Drop for Tracked<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn all_dropped() -> Outcome {
    let drops = Atomic::new(0);
    let shared = PerCpuShared::new(GFP_KERNEL, |_| Ok(Tracked(&drops)))?;

    expect("dropped too early", drops.load(Relaxed), 0)?;
    drop(shared);
    expect("copies dropped", drops.load(Relaxed), possible())
}

fn made_dropped() -> Outcome {
    for (k, failing) in (0u32..).zip(cpumask::possible().iter()) {
        let drops = Atomic::new(0);
        let failed = PerCpuShared::new(GFP_KERNEL, |cpu| {
            if cpu == failing {
                return Err(EIO);
            }
            Ok(Tracked(&drops))
        });

        expect("the error", failed.err() == Some(EIO), true)?;
        expect("copies dropped", drops.load(Relaxed), k)?;
    }
    Ok(())
}

/// The same, made in its place.
#[pin_data]
struct Pinned<'a> {
    #[pin]
    lock: SpinLock<u32>,
    tracked: Tracked<'a>,
}

fn pinned_dropped() -> Outcome {
    for (k, failing) in (0u32..).zip(cpumask::possible().iter()) {
        let drops = Atomic::new(0);
        let failed = PerCpuShared::<Pinned<'_>>::pin_init(GFP_KERNEL, |cpu| {
            let drops = &drops;

            try_pin_init!(Pinned {
                lock <- new_spinlock!(0),
                // What was made of this copy is dropped too.
                tracked: Tracked(drops),
                _: {
                    if cpu == failing {
                        return Err(EIO);
                    }
                },
            }? Error)
        });

        expect("the error", failed.err() == Some(EIO), true)?;
        expect("copies dropped", drops.load(Relaxed), k.wrapping_add(1))?;
    }
    Ok(())
}

/// The errno that an allocation failed with; 0 if it did not.
pub(crate) fn errno<T>(allocated: Result<T>) -> u32 {
    allocated
        .err()
        .map_or(0, |error| error.to_errno().unsigned_abs())
}

fn sizes() -> Outcome {
    const FITS: u32 = 0;
    let (none, many) = (
        EINVAL.to_errno().unsigned_abs(),
        E2BIG.to_errno().unsigned_abs(),
    );
    let bytes = |len| errno(Array::<u8>::zeroed(len, GFP_KERNEL));
    let words = |len| errno(Array::<u64>::zeroed(len, GFP_KERNEL));

    expect("nothing", bytes(0), none)?;
    expect("a byte", bytes(1), FITS)?;
    expect("32 KiB", bytes(32 << 10), FITS)?;
    expect("32 KiB and a byte", bytes((32 << 10) | 1), many)?;
    expect("as many bytes as there can be", bytes(usize::MAX), many)?;
    expect("32 KiB of words", words(4096), FITS)?;
    expect("a word more", words(4097), many)?;
    expect("a size that wraps to 8", words((1 << 61) | 1), many)
}
