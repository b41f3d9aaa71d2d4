// SPDX-License-Identifier: GPL-2.0

//! Self test of `kernel_ext::notifier` on the kernel's own chains: what happens is a line each in
//! /proc/notifier_kernel_test.
//!
//! On each chain there are three subscribers. The first tries to silence the others, the second
//! writes down what it hears, the last objects to some of it.

use kernel::{
    fmt,
    new_spinlock,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        Arc,
        SpinLock, //
    }, //
};
use kernel_ext::{
    notifier::{
        self,
        Die,
        DieNotice,
        Memory,
        MemoryAction,
        MemoryNotice,
        ModuleAction,
        ModuleNotice,
        ModuleState,
        NetDevice,
        NetDeviceCmd,
        NetDeviceNotice,
        Notify,
        Panic,
        Pm,
        PmAction,
        Reboot,
        RebootNotice,
        Source,
        Subscriber,
        TracepointModuleNotice,
        TracepointModules, //
    },
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};

module! {
    type: NotifierKernelTest,
    name: "notifier_kernel_test",
    authors: ["The tally developers"],
    description: "Self test of kernel_ext::notifier on the kernel's own chains",
    license: "GPL",
}

/// Lines of text, in memory that is there from the beginning.
struct Lines {
    bytes: KVec<u8>,
    lost: usize,
}

impl fmt::Write for Lines {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for &byte in s.as_bytes() {
            if self.bytes.push_within_capacity(byte).is_err() {
                self.lost = self.lost.saturating_add(1);
            }
        }
        Ok(())
    }
}

/// What was heard so far.
#[pin_data]
struct Heard {
    #[pin]
    lines: SpinLock<Lines>,
}

impl Heard {
    fn new() -> Result<Arc<Self>> {
        let lines = Lines {
            bytes: KVec::with_capacity(1 << 15, GFP_KERNEL)?,
            lost: 0,
        };
        Arc::pin_init(
            pin_init!(Self {
                lines <- new_spinlock!(lines),
            }),
            GFP_KERNEL,
        )
    }

    /// Adds a line. Traps come at any time, so nobody waits for the lock.
    fn line(&self, arguments: fmt::Arguments<'_>) {
        if let Some(mut lines) = self.lines.try_lock() {
            let _ = fmt::Write::write_fmt(&mut *lines, arguments);
            let _ = fmt::Write::write_str(&mut *lines, "\n");
        }
    }
}

/// Writes down what it hears.
struct Watch(Arc<Heard>);

impl Subscriber<Reboot> for Watch {
    fn notify(&self, notice: &RebootNotice<'_>) -> Notify {
        // Nobody will read the file.
        pr_info!("reboot {:?} {:?}\n", notice.action(), notice.command());
        Notify::Ok
    }
}

impl Subscriber<ModuleState> for Watch {
    fn notify(&self, notice: &ModuleNotice<'_>) -> Notify {
        let (action, name) = (notice.action(), notice.module().name());
        self.0.line(fmt!("module {action:?} {name}"));
        Notify::Ok
    }
}

impl Subscriber<TracepointModules> for Watch {
    fn notify(&self, notice: &TracepointModuleNotice<'_>) -> Notify {
        let (action, name) = (notice.action(), notice.module().name());
        for tracepoint in notice.tracepoints() {
            self.0
                .line(fmt!("tracepoint {action:?} {name} {tracepoint}"));
        }
        Notify::Ok
    }
}

impl Subscriber<Pm> for Watch {
    fn notify(&self, action: &PmAction) -> Notify {
        self.0.line(fmt!("pm {action:?}"));
        Notify::Ok
    }
}

impl Subscriber<Die> for Watch {
    fn notify(&self, notice: &DieNotice<'_>) -> Notify {
        let (val, message) = (notice.val(), notice.message());
        let (trap, signal) = (notice.trap(), notice.signal());
        self.0.line(fmt!("die {val:?} {trap} {signal} {message}"));
        Notify::Ok
    }
}

impl Subscriber<Panic> for Watch {
    fn notify(&self, message: &&CStr) -> Notify {
        // Nobody will read the file.
        pr_emerg!("panic {message}\n");
        Notify::Ok
    }
}

impl Subscriber<NetDevice> for Watch {
    fn notify(&self, notice: &NetDeviceNotice<'_>) -> Notify {
        let (cmd, name) = (notice.cmd(), notice.name());
        self.0.line(fmt!("net {cmd:?} {name}"));
        Notify::Ok
    }
}

impl Subscriber<Memory> for Watch {
    fn notify(&self, notice: &MemoryNotice) -> Notify {
        let (action, pfns) = (notice.action(), notice.pfns());
        self.0
            .line(fmt!("memory {action:?} {}-{}", pfns.start, pfns.end));
        Notify::Ok
    }
}

/// Wants nobody else to hear anything.
struct Silence;

impl<E: Source> Subscriber<E> for Silence {
    fn notify(&self, _data: &E::Data<'_>) -> Notify {
        Notify::Stop
    }
}

/// Objects: to a module, to a device that comes up, to suspending, to memory that goes; and to
/// what nobody may object to.
struct Objection;

impl Subscriber<ModuleState> for Objection {
    fn notify(&self, notice: &ModuleNotice<'_>) -> Notify {
        if notice.action() == ModuleAction::Coming && notice.module().name() != c"zram" {
            return Notify::Done;
        }
        Notify::Bad(EBUSY)
    }
}

impl Subscriber<NetDevice> for Objection {
    fn notify(&self, notice: &NetDeviceNotice<'_>) -> Notify {
        match notice.cmd() {
            NetDeviceCmd::Register => Notify::Done,
            NetDeviceCmd::PreUp if notice.name() != c"dummy0" => Notify::Done,
            _ => Notify::Bad(EBUSY),
        }
    }
}

impl Subscriber<Pm> for Objection {
    fn notify(&self, _action: &PmAction) -> Notify {
        Notify::Bad(EBUSY)
    }
}

impl Subscriber<Memory> for Objection {
    fn notify(&self, notice: &MemoryNotice) -> Notify {
        if notice.action() == MemoryAction::GoingOnline {
            return Notify::Done;
        }
        Notify::Bad(EBUSY)
    }
}

/// Three subscribers of a chain.
#[pin_data]
struct Three<E: Source, O: Subscriber<E>>
where
    Watch: Subscriber<E>,
{
    #[pin]
    objection: notifier::Registration<E, O>,
    #[pin]
    watch: notifier::Registration<E, Watch>,
    #[pin]
    silence: notifier::Registration<E, Silence>,
}

impl<E: Source<Chain = E> + Copy, O: Subscriber<E>> Three<E, O>
where
    Watch: Subscriber<E>,
{
    fn new(chain: E, heard: &Arc<Heard>, objection: O) -> impl PinInit<Self, Error> {
        let watch = Watch(heard.clone());
        try_pin_init!(Self {
            silence <- notifier::Registration::new(chain, i32::MAX, Silence),
            watch <- notifier::Registration::new(chain, 1, watch),
            objection <- notifier::Registration::new(chain, i32::MIN, objection),
        }? Error)
    }
}

/// The file.
struct Report(Arc<Heard>);

impl SeqOperations for Report {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _: &(), _index: usize, m: &SeqFile) -> Result {
        let lines = self.0.lines.lock();
        let text = core::str::from_utf8(&lines.bytes).map_err(|_| EINVAL)?;
        seq_print!(m, "{text}");
        if lines.lost > 0 {
            seq_print!(m, "lost {} bytes\n", lines.lost);
        }
        Ok(())
    }
}

/// Fields are dropped in this order. Who is told of the devices that are there, as if they went,
/// goes before the file does.
#[pin_data]
struct NotifierKernelTest {
    #[pin]
    reboot: Three<Reboot, Silence>,
    #[pin]
    module: Three<ModuleState, Objection>,
    #[pin]
    tracepoints: Three<TracepointModules, Silence>,
    #[pin]
    pm: Three<Pm, Objection>,
    #[pin]
    die: Three<Die, Silence>,
    #[pin]
    panic: Three<Panic, Silence>,
    #[pin]
    net: Three<NetDevice, Objection>,
    #[pin]
    memory: Three<Memory, Objection>,
    #[pin]
    report: procfs::Registration<Report>,
}

impl kernel::InPlaceModule for NotifierKernelTest {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let heard = Heard::new()?;

            Ok(try_pin_init!(Self {
                reboot <- Three::new(Reboot, &heard, Silence),
                module <- Three::new(ModuleState, &heard, Objection),
                tracepoints <- Three::new(TracepointModules, &heard, Silence),
                pm <- Three::new(Pm, &heard, Objection),
                die <- Three::new(Die, &heard, Silence),
                panic <- Three::new(Panic, &heard, Silence),
                net <- Three::new(NetDevice, &heard, Objection),
                memory <- Three::new(Memory, &heard, Objection),
                report <- procfs::Registration::new(c"notifier_kernel_test", 0o444, Report(heard.clone())),
            }? Error))
        })
    }
}
