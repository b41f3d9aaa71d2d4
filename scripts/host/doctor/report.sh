# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What doctor says. Sourced by doctor.

missing=0

ok() { echo "ok       $1"; }

# missing WHAT CURE: the cure is a command, or begins with one.
missing() {
	echo "missing  $1"
	echo "         -> $2"
	missing=$((missing + 1))
}
