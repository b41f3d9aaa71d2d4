/* SPDX-License-Identifier: GPL-2.0 */
/* For bindgen to read, which needs libclang for that. */
