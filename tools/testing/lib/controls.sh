# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Negative controls: the copy of the tree that patches break. Sourced after
# ktap.sh.

CONTROLS=$TOP/build/controls

# has_header PATCH: whether its second line says what run_controls.py reads:
#     # WHAT IT BREAKS: WHERE TEST must fail with "SAYS".
has_header() {
	sed -n 2p "$1" | grep -qE '^# .*: (object|guest|self) [a-z_.]+ must fail with ".*"\.$'
}

# self_test PATCH: the module that is its test, if that is a module.
self_test() { sed -nE '2s/^# .*: self ([a-z_]+) must fail.*/\1/p' "$1"; }

# build_copy: copies the tree, and builds it.
build_copy() {
	mkdir -p "$CONTROLS/tree"
	rm -rf "$CONTROLS"/tree/{include,src,samples,Kbuild,Kconfig}
	# New times: what an earlier run built is of its last broken tree.
	cp -r include src samples Kbuild Kconfig "$CONTROLS/tree"
	build_tree
}

build_tree() {
	scripts/enter -- make -s -j2 -C /kernel/build \
		M="$CONTROLS/tree" MO="$CONTROLS/tree/build" modules
}

# build_self_test MODULE DIRECTORY: with kernel_ext as it is in the copy.
build_self_test() {
	scripts/enter -- make -s -j2 -C /kernel/build \
		M="$TESTING/modules" MO="$2" TEST_MODULES="$1" \
		CRATES="$CONTROLS/tree/build/src" \
		KBUILD_EXTRA_SYMBOLS="$CONTROLS/tree/build/Module.symvers" modules
}

# apply_patch PATCH [--reverse]: by git, which is in the tree. It must not take
# the copy for a part of this repository.
apply_patch() {
	scripts/enter -- env -C "$CONTROLS/tree" GIT_CEILING_DIRECTORIES="$CONTROLS" \
		git apply -C1 "${@:2}" "$1"
}

# build_objects PATCH DIRECTORY: what its test looks at besides tally.ko.
build_objects() {
	if sed -n 2p "$1" | grep -q ': object initcalls'; then
		"$TESTING/lib/build-initcalls" "$CONTROLS/tree/build/src" \
			"$2/testing/initcalls"
	fi
}

# build_broken PATCH: leaves build/controls/NAME/tally.ko, and its self test in
# build/controls/NAME/modules.
build_broken() {
	local name module status=0
	name=$(basename "$1" .patch)
	module=$(self_test "$1")
	has_header "$1" || { echo "the second line of $1 is no header"; return 1; }
	apply_patch "$1"
	rm -rf "${CONTROLS:?}/$name"
	mkdir -p "$CONTROLS/$name/modules"
	# Whether it builds or not, the next patch needs the tree whole.
	{ build_tree && build_objects "$1" "$CONTROLS/$name"; } || status=$?
	apply_patch "$1" --reverse
	[ "$status" -eq 0 ] || return "$status"
	cp "$CONTROLS/tree/build/tally.ko" "$CONTROLS/$name/"
	[ -z "$module" ] || build_self_test "$module" "$CONTROLS/$name/modules"
}
