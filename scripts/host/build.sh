# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Which kernel modules are built for, and where they go.
#
# Each kernel has a directory of its own, so that a change of kernel builds
# nothing twice and never uses another kernel's objects:
#
#   build/            the guest's stock kernel
#   build/debug       KERNEL=debug
#   build/RELEASE     a kernel of this machine, or Debian's of that release

# src/ needs the kernel crate of this version.
OLDEST_LINUX=7.2

is_release() { [[ $1 == [0-9]* ]]; }

# version_at_least VERSION WANTED
version_at_least() {
	[ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# The version of the running kernel's or another's release: 7.3 of
# 7.3.4+deb13-amd64, and of 7.3-rc1 too.
version_of() { grep -oE '^[0-9]+\.[0-9]+' <<<"$1" || echo 0; }

is_new_enough() { version_at_least "$(version_of "$1")" "$OLDEST_LINUX"; }

# refuse_old_kernel VERSION [WHERE]
refuse_old_kernel() {
	is_new_enough "$1" ||
		die "Linux $1${2:+ in $2} is too old: tally needs Linux $OLDEST_LINUX or newer"
}

has_metadata() { [ -e "$1/rust/libkernel.rmeta" ]; }

# What `make metadata` made is in the cache.
metadata_is_cached() { [ -e "$(note_of "$1")" ]; }

# is_ready RELEASE: whether modules can be built for it at once.
is_ready() {
	is_new_enough "$1" && { has_metadata "/lib/modules/$1/build" || metadata_is_cached "$1"; }
}

# lock_build DIRECTORY: one build at a time there, and none beside make clean, for
# as long as this process lives.
lock_build() {
	mkdir -p "$1" 2>/dev/null || true
	[ -w "$1" ] || die "cannot write to $1: run this as its owner, or clone elsewhere"
	exec 5<"$TOP"
	flock -s 5
	exec 6>"$1/.lock"
	flock -n 6 || {
		say "another build runs in $1, waiting for it"
		flock 6
	}
}

# The release of the kernel that was built in a directory.
release_of_build() {
	cat "$1/include/config/kernel.release" 2>/dev/null || echo unknown
}

# for_release RELEASE: by its own build directory if that has Rust metadata.
for_release() {
	RELEASE=$1
	BUILD=$TOP/build/$1
	if has_metadata "/lib/modules/$1/build"; then
		KDIR=/lib/modules/$1/build
	else
		KERNEL=$1
	fi
}

# for_guest NAME
for_guest() {
	KERNEL=$1
	RELEASE=
	BUILD=$TOP/build
	[ "$1" = stock ] || BUILD+=/$1
}

# choose_kernel [machine|guest]: from KDIR, KERNEL and what runs. `machine`
# takes a kernel of this machine alone. Sets
#   BUILD    the directory of its modules
#   KDIR     its build directory on this machine, or nothing:
#   KERNEL   its name in the tools tree (scripts/enter)
#   RELEASE  as `uname -r` prints it, or nothing for a guest's
choose_kernel() {
	local running
	running=$(uname -r)
	KERNEL=${KERNEL:-} KDIR=${KDIR:-}
	if [ "${1:-}" = guest ]; then
		KDIR=
		for_guest "${KERNEL:-stock}"
	elif [ -n "$KDIR" ]; then
		[ -e "$KDIR/Makefile" ] || die "KDIR=$KDIR is not the build directory of a kernel"
		KDIR=$(readlink -f "$KDIR")
		RELEASE=$(release_of_build "$KDIR")
		[ "$RELEASE" = unknown ] || refuse_old_kernel "$RELEASE"
		BUILD=$TOP/build/$RELEASE
	elif is_release "$KERNEL"; then
		refuse_old_kernel "$KERNEL"
		for_release "$KERNEL"
	elif [ -n "$KERNEL" ]; then
		[ "${1:-}" != machine ] ||
			die "KERNEL=$KERNEL runs in guests: name a kernel of this machine, as KERNEL=$running"
		for_guest "$KERNEL"
	elif is_ready "$running"; then
		for_release "$running"
	elif [ "${1:-}" = machine ]; then
		die "Linux $running is not ready to build modules in Rust for: make doctor says what it needs"
	else
		for_guest stock
	fi
}
