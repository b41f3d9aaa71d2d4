// SPDX-License-Identifier: GPL-2.0

#include <linux/blkdev.h>

bool kernel_ext_helper_bdev_is_partition(struct block_device *bdev)
{
	return bdev_is_partition(bdev);
}

bool kernel_ext_helper_bdev_test_flag(const struct block_device *bdev, unsigned int flag)
{
	return bdev_test_flag(bdev, flag);
}

struct gendisk *kernel_ext_helper_blk_alloc_disk(void)
{
	return blk_alloc_disk(NULL, NUMA_NO_NODE);
}

struct block_device *kernel_ext_helper_dev_to_bdev(struct device *dev)
{
	return dev_to_bdev(dev);
}
