# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Where metadata of Rust crates is kept that kernels' headers lack. Sourced.

CACHE=/var/cache/tally-dkms

# build_directory RELEASE [DIRECTORY]: where modules in Rust are built for that kernel:
# in DIRECTORY, its headers, if they have what it takes.
build_directory() {
	local headers=${2:-/lib/modules/$1/build}
	if [ -e "$headers/rust/libkernel.rmeta" ]; then
		echo "$headers"
	else
		echo "$CACHE/$1/build"
	fi
}
