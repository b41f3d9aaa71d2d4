// SPDX-License-Identifier: GPL-2.0

//! Sample: notifier chains. A meter counts the modules and the network devices that come, and has
//! a chain on which it tells of every second one.

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    new_chain,
    notifier::{
        self,
        Blocking,
        Chain,
        Event,
        ModuleAction,
        ModuleNotice,
        ModuleState,
        NetDevice,
        NetDeviceCmd,
        NetDeviceNotice,
        Notify,
        Subscriber, //
    }, //
};

module! {
    type: RustNotifier,
    name: "rust_notifier",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: notifier chains",
    license: "GPL",
}

/// The event of the meter's chain: so many have come.
struct Arrivals;

impl Event for Arrivals {
    // Subscribers may sleep.
    type Backend = Blocking;
    type Data<'a> = u32;

    fn action(_count: &u32) -> usize {
        1
    }
}

/// Hears of modules and of network devices, and tells of every second one.
#[pin_data]
struct Meter {
    #[pin]
    count: Mutex<u32>,
    chain: Arc<Chain<Arrivals>>,
}

impl Meter {
    fn new(chain: Arc<Chain<Arrivals>>) -> impl PinInit<Self> {
        pin_init!(Self {
            count <- new_mutex!(0),
            chain,
        })
    }

    fn arrived(&self) -> Notify {
        let mut count = self.count.lock();
        *count = count.saturating_add(1);

        if *count % 2 == 0 {
            let called = self.chain.call(*count);
            if called.to_result().is_err() {
                pr_info!(
                    "{} subscribers were told, and the last objects\n",
                    called.calls()
                );
            }
        }
        Notify::Ok
    }
}

impl Subscriber<ModuleState> for Meter {
    fn notify(&self, notice: &ModuleNotice<'_>) -> Notify {
        if notice.action() != ModuleAction::Coming {
            return Notify::Done;
        }
        pr_info!("module {} comes\n", notice.module().name());
        self.arrived()
    }
}

impl Subscriber<NetDevice> for Meter {
    fn notify(&self, notice: &NetDeviceNotice<'_>) -> Notify {
        if notice.cmd() != NetDeviceCmd::Register {
            return Notify::Done;
        }
        pr_info!("network device {} comes\n", notice.name());
        self.arrived()
    }
}

/// Is told by the meter.
struct Display;

impl Subscriber<Arrivals> for Display {
    fn notify(&self, count: &u32) -> Notify {
        pr_info!("{count} have come\n");
        Notify::Ok
    }
}

/// Is told by the meter before the display, and finds that four are enough.
struct Limit;

impl Subscriber<Arrivals> for Limit {
    fn notify(&self, count: &u32) -> Notify {
        if *count >= 4 {
            return Notify::Bad(ENOSPC);
        }
        Notify::Ok
    }
}

/// The module. Fields are dropped in this order: the meter hears nothing more before those go that
/// it tells.
#[pin_data]
struct RustNotifier {
    #[pin]
    modules: notifier::Registration<ModuleState, Arc<Meter>>,
    #[pin]
    devices: notifier::Registration<NetDevice, Arc<Meter>>,
    #[pin]
    display: notifier::Registration<Arrivals, Display>,
    #[pin]
    limit: notifier::Registration<Arrivals, Limit>,
}

impl kernel::InPlaceModule for RustNotifier {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let chain = Arc::pin_init(new_chain!(), GFP_KERNEL)?;
            let meter = Arc::pin_init(Meter::new(chain.clone()), GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                display <- notifier::Registration::new(chain.clone(), 0, Display),
                limit <- notifier::Registration::new(chain, 1, Limit),
                // Tells of the devices that are there.
                devices <- notifier::Registration::new(NetDevice, 0, meter.clone()),
                modules <- notifier::Registration::new(ModuleState, 0, meter),
            }? Error))
        })
    }
}
