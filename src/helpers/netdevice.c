// SPDX-License-Identifier: GPL-2.0

#include <linux/netdevice.h>

const char *kernel_ext_helper_netdev_name(const struct net_device *dev)
{
	return netdev_name(dev);
}

struct net_device *
kernel_ext_helper_netdev_notifier_info_to_dev(const struct netdev_notifier_info *info)
{
	return netdev_notifier_info_to_dev(info);
}
