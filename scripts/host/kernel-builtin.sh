# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# KERNEL=builtin: that of KERNEL=debug, with tally and its samples built in,
# from the sources of this checkout.
#
# Each checkout has its own, and keeps the objects: what changed is compiled
# again.

# make_builtin_kernel BASE: from the build directory of that kernel. An object
# knows the path of its source, which is /kernel/build for both.
make_builtin_kernel() {
	if [ "$(cat "$KERNEL_DIR/base" 2>/dev/null)" != "$1" ]; then
		remove_dir "$KERNEL_DIR"
		mkdir "$KERNEL_DIR"
		cp -a --reflink=auto "$1/build" "$1/modules" "$1/release" "$KERNEL_DIR"
		echo "$1" >"$KERNEL_DIR/base"
	fi
	"$TOP/scripts/install-in-tree" "$KERNEL_DIR/build"
	"$HOST/in-tools-tree" "$TOOLS_TREE" --bind "$KERNEL_DIR" /kernel -- "$TOOLS/kernel-builtin"
}

# have_builtin_kernel: under a lock of its own, as nobody else waits for this.
have_builtin_kernel() {
	local base key sources
	have_debug_kernel
	base=$KERNEL_DIR
	KERNEL_DIR=$CACHE/kernels/builtin_$(key_of "$TOP")
	mapfile -t sources < <(find "$TOP"/{Kbuild,Kconfig,include,src,samples} -type f | sort)
	key=$(key_of "$base" "$TOP/scripts/install-in-tree" "$HOST"/in-tree/* "$TOOLS/kernel-builtin" \
		"${sources[@]#"$TOP/"}" "${sources[@]}")
	exec 7>"$KERNEL_DIR.lock"
	flock 7
	if [ "$(cat "$KERNEL_DIR/key" 2>/dev/null)" != "$key" ]; then
		rm -f "$KERNEL_DIR/key"
		step builtin "Linux with tally built in" make_builtin_kernel "$base"
		echo "$key" >"$KERNEL_DIR/key"
	fi
	exec 7>&-
	touch "$KERNEL_DIR"
}
