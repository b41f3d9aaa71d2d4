// SPDX-License-Identifier: GPL-2.0
/*
 * The version that modinfo and /sys/module/tally/version show. Rust's module!
 * has no word for it. Kbuild holds it, for src/tally/report.rs too. With a version
 * comes srcversion, a hash of the sources.
 */

#include <linux/module.h>

MODULE_VERSION(TALLY_VERSION);
