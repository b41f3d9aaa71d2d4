# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# KERNEL=debug: a kernel that catches mistakes, built here of the source of the
# stock kernel. Its layout is that of kernel.sh.

FRAGMENT=$DATA/debug.config

debug_key() {
	key_of "$TOOLS/kernel-index" "$TOOLS/kernel-build" "$TOOLS/config-holds" \
		"$DATA/build-excludes" "$FRAGMENT" "$TOOLCHAIN"
}

build_kernel() {
	local scratch
	scratch=$(scratch_for "$KERNEL_DIR")
	"$HOST/in-tools-tree" "$TOOLS_TREE" --bind "$scratch" /kernel --bind "$SOURCE" /mnt -- \
		"$TOOLS/kernel-build" "$1" "$FRAGMENT" && publish "$scratch" "$KERNEL_DIR"
}

# have_debug_kernel: of the source of the stock kernel that is there.
have_debug_kernel() {
	local stock
	have_debian_kernel stock "$STOCK_PATTERN"
	stock=$(cat "$(note_of stock)")
	KERNEL_DIR=$CACHE/kernels/debug_${stock##*_}_$(debug_key)
	if [ ! -d "$KERNEL_DIR" ]; then
		lock_cache
		if [ ! -d "$KERNEL_DIR" ]; then
			have_source "${stock%_*}" "${stock##*_}"
			step debug "Linux that catches mistakes, about 15 minutes on two cores" \
				build_kernel "${stock%_*}"
			prune "$CACHE/kernels"
		fi
		unlock_cache
	fi
	touch "$KERNEL_DIR"
}
