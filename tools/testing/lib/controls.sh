# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Negative controls: the copy of the tree that patches break. Sourced after
# ktap.sh.

CONTROLS=$TOP/build/controls

# has_header PATCH: whether its second line says what run_controls.py reads:
#     # WHAT IT BREAKS: WHERE TEST must fail with "SAYS".
has_header() {
	sed -n 2p "$1" | grep -qE '^# .*: (object|guest) [a-z_.]+ must fail with ".*"\.$'
}

# build_copy: copies the tree, and builds it.
build_copy() {
	mkdir -p "$CONTROLS/tree"
	rm -rf "$CONTROLS"/tree/{src,samples,Kbuild,Kconfig}
	cp -a src samples Kbuild Kconfig "$CONTROLS/tree"
	build_tree
}

build_tree() {
	scripts/enter -- make -s -j2 -C /kernel/build \
		M="$CONTROLS/tree" MO="$CONTROLS/tree/build" modules
}

# apply_patch PATCH [--reverse]: by git, which is in the tree. It must not take
# the copy for a part of this repository.
apply_patch() {
	scripts/enter -- env -C "$CONTROLS/tree" GIT_CEILING_DIRECTORIES="$CONTROLS" \
		git apply -C1 "${@:2}" "$1"
}

# build_broken PATCH: leaves build/controls/NAME/tally.ko.
build_broken() {
	local name status=0
	name=$(basename "$1" .patch)
	has_header "$1" || { echo "the second line of $1 is no header"; return 1; }
	apply_patch "$1"
	mkdir -p "$CONTROLS/$name"
	rm -f "$CONTROLS/$name/tally.ko"
	# Whether it builds or not, the next patch needs the tree whole.
	build_tree || status=$?
	apply_patch "$1" --reverse
	[ "$status" -eq 0 ] || return "$status"
	cp "$CONTROLS/tree/build/tally.ko" "$CONTROLS/$name/"
}
