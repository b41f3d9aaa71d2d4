// SPDX-License-Identifier: GPL-2.0

//! The chain of network devices.
//!
//! C header: [`include/linux/netdevice.h`](srctree/include/linux/netdevice.h)

use core::marker::PhantomData;

use kernel::{
    bindings::net_device,
    prelude::*, //
};

use super::{
    actions::actions,
    kernel_chain,
    KernelChain, //
};
use crate::bindings;

/// Tells what happens to network devices, in any network namespace:
/// `register_netdevice_notifier()`.
///
/// A raw chain under the lock of network configuration (RTNL): subscribers may sleep, but must not
/// take that lock, and so not subscribe here.
///
/// Who subscribes is told at once of all devices that are there, as if they were registered and
/// came up. Who unsubscribes is told that they go down and are unregistered. Who objects to a
/// device that is there already cannot subscribe: that is the error of
/// [`Registration::new`](crate::notifier::Registration::new).
#[derive(Clone, Copy)]
pub struct NetDevice;

actions! {
    /// Names what happens to a network device: `enum netdev_cmd`.
    ///
    /// The kernel asks for consent to `PreUp`, `Register`, `PreTypeChange`, `PreChangeAddr`,
    /// `PreChangeMtu` and `PreChangeUpper`.
    pub enum NetDeviceCmd {
        /// It is up: `NETDEV_UP`.
        Up = netdev_cmd_NETDEV_UP,
        /// It is down: `NETDEV_DOWN`.
        Down = netdev_cmd_NETDEV_DOWN,
        /// Its hardware crashed and was started again: `NETDEV_REBOOT`.
        Reboot = netdev_cmd_NETDEV_REBOOT,
        /// Its flags or its carrier changed: `NETDEV_CHANGE`.
        Change = netdev_cmd_NETDEV_CHANGE,
        /// It is registered: `NETDEV_REGISTER`.
        Register = netdev_cmd_NETDEV_REGISTER,
        /// It is unregistered: `NETDEV_UNREGISTER`. May be told more than once.
        Unregister = netdev_cmd_NETDEV_UNREGISTER,
        /// Its largest packet has another size: `NETDEV_CHANGEMTU`.
        ChangeMtu = netdev_cmd_NETDEV_CHANGEMTU,
        /// It has another address: `NETDEV_CHANGEADDR`.
        ChangeAddr = netdev_cmd_NETDEV_CHANGEADDR,
        /// It is about to have another address: `NETDEV_PRE_CHANGEADDR`.
        PreChangeAddr = netdev_cmd_NETDEV_PRE_CHANGEADDR,
        /// It is about to go down: `NETDEV_GOING_DOWN`.
        GoingDown = netdev_cmd_NETDEV_GOING_DOWN,
        /// It has another name: `NETDEV_CHANGENAME`.
        ChangeName = netdev_cmd_NETDEV_CHANGENAME,
        /// It can do other things: `NETDEV_FEAT_CHANGE`.
        FeatChange = netdev_cmd_NETDEV_FEAT_CHANGE,
        /// It is about to come up: `NETDEV_PRE_UP`.
        PreUp = netdev_cmd_NETDEV_PRE_UP,
        /// It is about to have another type: `NETDEV_PRE_TYPE_CHANGE`.
        PreTypeChange = netdev_cmd_NETDEV_PRE_TYPE_CHANGE,
        /// It has another type: `NETDEV_POST_TYPE_CHANGE`.
        PostTypeChange = netdev_cmd_NETDEV_POST_TYPE_CHANGE,
        /// Its driver has initialised it: `NETDEV_POST_INIT`.
        PostInit = netdev_cmd_NETDEV_POST_INIT,
        /// Its driver is about to undo that: `NETDEV_PRE_UNINIT`.
        PreUninit = netdev_cmd_NETDEV_PRE_UNINIT,
        /// It is about to have another device on top: `NETDEV_PRECHANGEUPPER`.
        PreChangeUpper = netdev_cmd_NETDEV_PRECHANGEUPPER,
        /// It has another device on top: `NETDEV_CHANGEUPPER`.
        ChangeUpper = netdev_cmd_NETDEV_CHANGEUPPER,
        /// Its largest packet is about to have another size: `NETDEV_PRECHANGEMTU`.
        PreChangeMtu = netdev_cmd_NETDEV_PRECHANGEMTU,
        /// Its queue has another length: `NETDEV_CHANGE_TX_QUEUE_LEN`.
        ChangeTxQueueLen = netdev_cmd_NETDEV_CHANGE_TX_QUEUE_LEN,
    }
}

/// Holds what subscribers to [`NetDevice`] are told: `struct netdev_notifier_info`.
///
/// # Invariants
///
/// The device is there for `'a`, and so is the lock of network configuration held.
pub struct NetDeviceNotice<'a> {
    cmd: NetDeviceCmd,
    dev: *const net_device,
    _call: PhantomData<&'a net_device>,
}

impl<'a> NetDeviceNotice<'a> {
    /// Returns what happens to the device.
    pub fn cmd(&self) -> NetDeviceCmd {
        self.cmd
    }

    /// Returns the device's name: `netdev_name()`.
    pub fn name(&self) -> &'a CStr {
        // SAFETY: The device is there by the type invariant. Its name ends with a NUL, and does
        // not change while the lock is held.
        unsafe { CStr::from_char_ptr(bindings::netdev_name(self.dev)) }
    }
}

impl KernelChain for NetDevice {
    type Data<'a> = NetDeviceNotice<'a>;

    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a> {
        // INVARIANT: The device is there and the lock is held until the call ends.
        NetDeviceNotice {
            cmd: NetDeviceCmd::from_raw(action),
            // SAFETY: The chain passes a `struct netdev_notifier_info`, or one that begins with it.
            dev: unsafe { bindings::netdev_notifier_info_to_dev(data.cast()) },
            _call: PhantomData,
        }
    }

    fn may_veto(notice: &NetDeviceNotice<'_>) -> bool {
        matches!(
            notice.cmd,
            NetDeviceCmd::PreUp
                | NetDeviceCmd::Register
                | NetDeviceCmd::PreTypeChange
                | NetDeviceCmd::PreChangeAddr
                | NetDeviceCmd::PreChangeMtu
                | NetDeviceCmd::PreChangeUpper
        )
    }
}

kernel_chain! {
    // SAFETY: Unregistering takes the lock of network configuration, and calls hold it. The calls
    // that are made by registering and unregistering itself have ended when that returns.
    unsafe impl Source for NetDevice {
        register: bindings::register_netdevice_notifier,
        unregister: bindings::unregister_netdevice_notifier,
    }
}
