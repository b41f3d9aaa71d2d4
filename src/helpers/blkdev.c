// SPDX-License-Identifier: GPL-2.0

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/part_stat.h>

bool kernel_ext_helper_bdev_is_partition(struct block_device *bdev)
{
	return bdev_is_partition(bdev);
}

/* The function is static in bio.c: a chained bio shows it. */
bio_end_io_t *kernel_ext_helper_bio_chain_endio(void)
{
	struct bio part, parent;

	bio_init(&part, NULL, NULL, 0, 0);
	bio_init(&parent, NULL, NULL, 0, 0);
	bio_chain(&part, &parent);
	return part.bi_end_io;
}

struct gendisk *kernel_ext_helper_blk_alloc_disk(void)
{
	return blk_alloc_disk(NULL, NUMA_NO_NODE);
}

struct block_device *kernel_ext_helper_dev_to_bdev(struct device *dev)
{
	return dev_to_bdev(dev);
}

u64 kernel_ext_helper_disk_stat_ns(struct gendisk *disk, enum stat_group group, unsigned int cpu)
{
	return READ_ONCE(part_stat_get_cpu(disk->part0, nsecs[group], cpu));
}
