// SPDX-License-Identifier: GPL-2.0
/*
 * Exports the symbols of our crates to other modules, as rust/exports.c does
 * for the kernel's own. The list is made by nm when it is built.
 */

#include <linux/export.h>

/* The type does not matter: only the address goes into the table. */
#define EXPORT_SYMBOL_RUST(sym) extern int sym; EXPORT_SYMBOL_GPL(sym)

#include "exports_generated.h"
