// SPDX-License-Identifier: GPL-2.0

//! Chains and subscribers to test with: who is called writes its name into a log.

use core::marker::PhantomData;

use kernel::{
    fmt,
    new_mutex,
    new_spinlock,
    prelude::*,
    sync::{
        lock::{
            mutex::MutexBackend,
            spinlock::SpinLockBackend, //
        },
        Arc,
        SpinLock, //
    }, //
};
use kernel_ext::{
    new_chain,
    notifier::{
        self,
        Atomic,
        Backend,
        Blocking,
        Chain,
        Event,
        Notify,
        Raw,
        Srcu,
        Subscriber, //
    }, //
};

/// A raw chain under a mutex.
pub(crate) type RawMutex = Raw<u32, MutexBackend>;

/// A raw chain under a spinlock.
pub(crate) type RawSpinLock = Raw<u32, SpinLockBackend>;

/// A kind of chain that is tested.
pub(crate) trait Tested: Backend + Sized {
    const NAME: &'static str;

    fn make() -> Result<Arc<Chain<Told<Self>>>>;
}

macro_rules! tested {
    ($($kind:ty, $name:literal, $chain:expr;)*) => {$(
        impl Tested for $kind {
            const NAME: &'static str = $name;

            fn make() -> Result<Arc<Chain<Told<Self>>>> {
                Arc::pin_init($chain, GFP_KERNEL)
            }
        }
    )*};
}

tested! {
    Atomic, "atomic", new_chain!();
    Blocking, "blocking", new_chain!();
    Srcu, "SRCU", new_chain!();
    RawMutex, "raw, mutex", new_chain!(new_mutex!(0));
    RawSpinLock, "raw, spinlock", new_chain!(new_spinlock!(0));
}

/// The event of a chain of kind `K`.
pub(crate) struct Told<K>(PhantomData<fn(K)>);

/// What is told. Blocks in C read it too.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) action: usize,
    pub(crate) note: u32,
}

impl Message {
    pub(crate) const UP: Self = Self {
        action: 17,
        note: 0x1234_5678,
    };
    pub(crate) const DOWN: Self = Self {
        action: 18,
        note: 0x8765_4321,
    };
    /// Asks whether a subscriber is there, without a trace in the log.
    pub(crate) const PEEK: Self = Self {
        action: 19,
        note: 0,
    };
}

impl<K: Backend> Event for Told<K> {
    type Backend = K;
    type Data<'a> = Message;

    fn action(message: &Message) -> usize {
        message.action
    }
}

/// A short text that needs no memory.
#[derive(Clone, Copy, Default)]
pub(crate) struct Text {
    bytes: [u8; 24],
    len: usize,
}

impl Text {
    fn push(&mut self, byte: u8) {
        if let Some(free) = self.bytes.get_mut(self.len) {
            *free = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        self.bytes
            .get(..self.len)
            .and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or("?")
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        s.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

/// What went wrong.
pub(crate) struct Failure {
    what: &'static str,
    wanted: Text,
    found: Text,
}

pub(crate) type Outcome = core::result::Result<(), Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wanted, found) = (self.wanted.as_str(), self.found.as_str());
        write!(f, "{}: wanted '{wanted}', found '{found}'", self.what)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            what: "preparing the test",
            wanted: Text::default(),
            found: text(format_args!("{error:?}")),
        }
    }
}

fn text(arguments: fmt::Arguments<'_>) -> Text {
    let mut text = Text::default();
    let _ = fmt::Write::write_fmt(&mut text, arguments);
    text
}

/// `found` must look as `wanted` does.
pub(crate) fn expect(
    what: &'static str,
    found: impl fmt::Debug,
    wanted: impl fmt::Debug,
) -> Outcome {
    let (found, wanted) = (
        text(format_args!("{found:?}")),
        text(format_args!("{wanted:?}")),
    );
    if found.as_str() == wanted.as_str() {
        return Ok(());
    }
    Err(Failure {
        what,
        wanted,
        found,
    })
}

/// Who was called, in order.
#[pin_data]
pub(crate) struct Log {
    #[pin]
    called: SpinLock<Text>,
}

impl Log {
    pub(crate) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                called <- new_spinlock!(Text::default()),
            }),
            GFP_KERNEL,
        )
    }

    pub(crate) fn push(&self, name: u8) {
        self.called.lock().push(name);
    }

    /// Who was called since the last time that somebody asked.
    pub(crate) fn take(&self) -> Text {
        core::mem::take(&mut self.called.lock())
    }
}

/// Who a subscriber is, and what it answers to [`Message::UP`] and to [`Message::DOWN`].
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub(crate) name: u8,
    pub(crate) priority: i32,
    pub(crate) up: Notify,
    pub(crate) down: Notify,
}

/// A block that answers the same to all.
pub(crate) const fn block(name: u8, priority: i32, notify: Notify) -> Block {
    Block {
        name,
        priority,
        up: notify,
        down: notify,
    }
}

/// A subscriber that does what its block says.
pub(crate) struct Logger {
    block: Block,
    log: Arc<Log>,
}

impl Logger {
    pub(crate) fn new(block: Block, log: &Arc<Log>) -> Self {
        let log = log.clone();
        Self { block, log }
    }
}

impl<K: Backend> Subscriber<Told<K>> for Logger {
    fn notify(&self, message: &Message) -> Notify {
        match message.action {
            17 => {
                self.log.push(self.block.name);
                self.block.up
            }
            18 => {
                self.log.push(self.block.name.to_ascii_uppercase());
                self.block.down
            }
            _ => Notify::Ok,
        }
    }
}

pub(crate) type Subscribed<K> = Pin<KBox<notifier::Registration<Told<K>, Logger>>>;

/// Puts a block on a chain.
pub(crate) fn subscribe<K: Backend>(
    chain: &Arc<Chain<Told<K>>>,
    block: Block,
    log: &Arc<Log>,
    flags: kernel::alloc::Flags,
) -> Result<Subscribed<K>> {
    let logger = Logger::new(block, log);
    KBox::pin_init(
        notifier::Registration::new(chain.clone(), block.priority, logger),
        flags,
    )
}

/// Puts blocks on a chain, one after another.
pub(crate) fn subscribe_all<K: Backend>(
    chain: &Arc<Chain<Told<K>>>,
    blocks: &[Block],
    log: &Arc<Log>,
) -> Result<KVec<Subscribed<K>>> {
    let mut subscribed = KVec::with_capacity(blocks.len(), GFP_KERNEL)?;
    for &block in blocks {
        subscribed.push(subscribe(chain, block, log, GFP_KERNEL)?, GFP_KERNEL)?;
    }
    Ok(subscribed)
}
