// SPDX-License-Identifier: GPL-2.0

//! Test module: what safe code asks for and must not get. Nothing here is `unsafe`, and the kernel must
//! not warn of any of it.
//!
//! The tests run when /proc/misuse_test is read, which prints KTAP.

mod ktap;

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::{
    compat::EDEADLK,
    cpu::{
        cpus_read_lock,
        cpus_read_trylock, //
    },
    percpu::get_cpu,
    procfs::{
        self,
        Control,
        Opener,
        SeqOperations, //
    },
    smp::on_each_cpu, //
};

use ktap::{
    expect,
    Failure,
    Outcome,
    Report, //
};

module! {
    type: MisuseTest,
    name: "misuse_test",
    authors: ["The tally developers"],
    description: "Test of kernel_ext: misuse that is refused",
    license: "GPL",
}

/// A file that nobody reads.
struct Empty;

impl SeqOperations for Empty {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), _pos: usize) -> Option<usize> {
        None
    }

    fn show(&self, _guard: &(), _pos: usize, _m: &SeqFile) -> Result {
        Ok(())
    }
}

/// A file that answers what C must not be told.
struct Hostile {
    seek: fn(usize) -> Option<usize>,
    error: Option<Error>,
}

impl SeqOperations for Hostile {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _guard: &(), pos: usize) -> Option<usize> {
        (self.seek)(pos)
    }

    fn show(&self, _guard: &(), pos: usize, m: &SeqFile) -> Result {
        seq_print!(m, "{pos}\n");
        self.error.map_or(Ok(()), Err)
    }
}

impl Control for Hostile {
    fn write(&self, _opener: Opener<'_>, _text: &[u8]) -> Result {
        self.error.map_or(Ok(()), Err)
    }
}

const fn text<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [b'a'; LEN];
    bytes[LEN - 1] = 0;
    bytes
}

static LONGEST: [u8; 256] = text();
static TOO_LONG: [u8; 257] = text();

fn name(bytes: &'static [u8]) -> Result<&'static CStr> {
    CStr::from_bytes_with_nul(bytes).map_err(|_| EINVAL)
}

/// Fails unless a file of the name is refused for `wanted`.
fn refused(name: &'static CStr, mode: u16, wanted: Error) -> Outcome {
    match KBox::pin_init(procfs::Registration::new(name, mode, Empty), GFP_KERNEL) {
        Err(error) if error == wanted => Ok(()),
        Err(error) => {
            pr_info!("{name:?}: {error:?}\n");
            Err(error.into())
        }
        Ok(_) => {
            pr_info!("{name:?} {mode:o} is made\n");
            Err(Failure::new("files", 0, 1))
        }
    }
}

fn names() -> Outcome {
    for name in [
        c"", c".", c"..", c"/", c"1", c"123", c"007", c"a/b", c"/a", c"a/", c"fs/a",
    ] {
        refused(name, 0o444, EINVAL)?;
    }
    refused(name(&TOO_LONG)?, 0o444, EINVAL)
}

fn modes() -> Outcome {
    for mode in [
        0,
        0o1444,
        0o2444,
        0o4444,
        0o040444,
        0o120777,
        0o100444,
        u16::MAX,
    ] {
        refused(c"misuse_mode", mode, EINVAL)?;
    }
    Ok(())
}

fn taken() -> Outcome {
    for name in [
        c"misuse_test",
        c"tally",
        c"cpuinfo",
        c"sys",
        c"self",
        c"mounts",
    ] {
        refused(name, 0o444, EEXIST)?;
    }
    Ok(())
}

fn free() -> Outcome {
    for name in [c"12a", c"...", c"misuse test", name(&LONGEST)?] {
        let file = KBox::pin_init(procfs::Registration::new(name, 0o777, Empty), GFP_KERNEL)?;
        refused(name, 0o444, EEXIST)?;
        drop(file);
        KBox::pin_init(procfs::Registration::new(name, 0o1, Empty), GFP_KERNEL)?;
    }
    Ok(())
}

fn interrupts() -> Outcome {
    let inner = Atomic::<u64>::new(0);
    let refused = Atomic::<u64>::new(0);
    let cpus = cpus_read_lock();

    on_each_cpu(&cpus, |_irq| {
        let Some(cpus) = cpus_read_trylock() else {
            return;
        };
        match on_each_cpu(&cpus, |_irq| inner.add(1, Relaxed)) {
            Err(error) if error == EDEADLK => refused.add(1, Relaxed),
            _ => {}
        }
    })?;
    expect("inner calls", inner.load(Relaxed), 0)?;
    expect(
        "refusals",
        refused.load(Relaxed),
        cpus.online().count() as u64,
    )
}

fn pinned() -> Outcome {
    let calls = Atomic::<u64>::new(0);
    let cpus = cpus_read_lock();
    let pin = get_cpu();

    on_each_cpu(&cpus, |_irq| calls.add(1, Relaxed))?;
    drop(pin);
    expect("calls", calls.load(Relaxed), cpus.online().count() as u64)
}

const CASES: &[ktap::Case] = &[
    ("names that no file has are EINVAL", names),
    ("modes that are no permissions are EINVAL", modes),
    ("names that are taken are EEXIST", taken),
    ("other names are fine, and free again afterwards", free),
    (
        "on_each_cpu() is refused in interrupts and runs nothing",
        interrupts,
    ),
    ("on_each_cpu() is fine with preemption off", pinned),
];

#[pin_data]
struct MisuseTest {
    #[pin]
    report: procfs::Registration<Report>,
    #[pin]
    fails: procfs::Registration<Hostile>,
    #[pin]
    goes_back: procfs::Registration<Hostile>,
    #[pin]
    goes_far: procfs::Registration<Hostile>,
}

impl kernel::InPlaceModule for MisuseTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            report <- procfs::Registration::new(c"misuse_test", 0o444, Report(&[CASES])),
            fails <- procfs::Registration::with_control(
                c"misuse_fails",
                0o644,
                Hostile {
                    seek: |pos| (pos == 0).then_some(pos),
                    error: Some(EIOCBQUEUED),
                },
            ),
            goes_back <- procfs::Registration::new(
                c"misuse_goes_back",
                0o444,
                Hostile {
                    seek: |_pos| Some(0),
                    error: None,
                },
            ),
            // There is no position behind this one.
            goes_far <- procfs::Registration::new(
                c"misuse_goes_far",
                0o444,
                Hostile {
                    seek: |_pos| Some(usize::MAX),
                    error: None,
                },
            ),
        }? Error)
    }
}
