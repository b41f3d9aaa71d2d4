# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What a script says, and how it ends.

say() { echo "tally: $*" >&2; }

die() {
	say "$*"
	exit 1
}

usage_error() {
	say "$*"
	exit 2
}
