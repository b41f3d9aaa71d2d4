# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel of a guest: Debian's own binary, and a build directory for
# modules in Rust, which Debian does not ship. Sourced after virtme.sh.
#
#   have_kernel stock      the newest of Debian 13 backports that has Rust
#   have_kernel RELEASE    this one, as `uname -r` prints it
#
# sets KERNEL_DIR, which holds
#   release  config  vmlinuz  modules/ (of /lib/modules)  build/ (KDIR)

INDEX=$CACHE/index
INDEX_AT=/var/cache/tally
STOCK_PATTERN='[0-9].*-cloud-amd64'
LIB=$TOP/scripts/lib
PREPARE_KEY=$(key_of "${BASH_SOURCE[0]}" "$LIB/kernel-prepare" \
	"$LIB/source-excludes" "$TREE_KEY")

in_index() { "$LIB/in-tree" "$TREE" --bind "$INDEX" "$INDEX_AT" -- "$@"; }

make_index() { in_index "$LIB/kernel-index" update; }

# The list of Debian's kernels, looked at once a day. Without a network the
# old list serves, and the next try is an hour later.
have_index() {
	mkdir -p "$INDEX"
	if [ -n "$(find "$INDEX" -maxdepth 1 -name stamp -mtime -1)" ]; then return; fi
	lock_cache
	if [ ! -e "$INDEX/stamp" ]; then
		step index "list of Debian's kernels" make_index
		touch "$INDEX/stamp"
	elif (make_index) </dev/null >"$CACHE/log/index.log" 2>&1; then
		touch "$INDEX/stamp"
	else
		say "no list of newer kernels (see $CACHE/log/index.log), using the old one"
		touch -d '23 hours ago' "$INDEX/stamp"
	fi
	unlock_cache
}

# fetch packages|source DIRECTORY RELEASE VERSION
fetch() {
	local scratch
	scratch=$(scratch_for "$2")
	"$LIB/in-tree" "$TREE" --bind "$INDEX" "$INDEX_AT" --bind "$scratch" /kernel -- \
		"$LIB/kernel-index" "$1" "$3" "$4" && publish "$scratch" "$2"
}

make_kernel() {
	local packages=$1 source=$2 release=$3 scratch
	scratch=$(scratch_for "$KERNEL_DIR")
	cp -al "$packages/." "$scratch"
	"$LIB/in-tree" "$TREE" --bind "$scratch" /kernel --bind "$source" /mnt \
		--bind "$scratch/modules" "/usr/lib/modules/$release" -- \
		"$LIB/kernel-prepare" "$release" && publish "$scratch" "$KERNEL_DIR"
}

prepare_kernel() {
	local release=$1 version=$2 source=$CACHE/packages/source_$2
	KERNEL_DIR=$CACHE/kernels/${release}_${version}_$PREPARE_KEY
	if [ ! -d "$KERNEL_DIR" ]; then
		[ -d "$source" ] ||
			step source "source of Linux $release" fetch source "$source" "$release" "$version"
		step kernel "Rust metadata of Linux $release" \
			make_kernel "$CACHE/packages/${release}_$version" "$source" "$release"
		prune "$CACHE/kernels"
		prune "$CACHE/packages"
	fi
	touch "$KERNEL_DIR"
}

# Sets KERNEL_DIR from what the last full look wrote down, if all of it holds
# still: the fast way of nearly every run.
kernel_from_note() {
	local note=$CACHE/kernels/$1.note
	[ -e "$note" ] && [ "$note" -nt "$INDEX/candidates" ] || return 1
	KERNEL_DIR=$CACHE/kernels/$(cat "$note")_$PREPARE_KEY
	[ -d "$KERNEL_DIR" ] && touch "$KERNEL_DIR"
}

have_kernel() {
	local name=$1 pattern release version packages
	case $name in
	stock) pattern=$STOCK_PATTERN ;;
	sid | debug) usage_error "KERNEL=$name is not there yet, use KERNEL=stock" ;;
	[0-9]*) pattern=${name//+/[+]} ;;
	*) usage_error "no kernel '$name': use stock" ;;
	esac
	have_index
	kernel_from_note "$name" && return
	lock_cache
	while read -r release version; do
		packages=$CACHE/packages/${release}_$version
		[ -d "$packages" ] || step packages "packages of Linux $release" \
			fetch packages "$packages" "$release" "$version"
		if grep -qx CONFIG_RUST=y "$packages/config"; then
			prepare_kernel "$release" "$version"
			echo "${release}_$version" >"$CACHE/kernels/$name.note"
			unlock_cache
			return
		fi
		say "Linux $release is built without CONFIG_RUST"
	done < <(grep -E "^$pattern " "$INDEX/candidates")
	die "no Linux $name with CONFIG_RUST=y among Debian 13's kernels"
}
