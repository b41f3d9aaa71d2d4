# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel of a guest: Debian's own binary, and a build directory for
# modules in Rust, which Debian does not ship; or one that is built here.
#
#   have_kernel stock      the newest of Debian 13 backports that has Rust; in the
#                          tools tree of sid the newest of sid or experimental
#   have_kernel debug      ours, of the same source: scripts/data/debug.config
#   have_kernel builtin    the same with tally built in
#   have_kernel RELEASE    Debian's of that name, as `uname -r` prints it
#
# sets KERNEL_DIR, which holds
#   release  config  image  modules/ (of /lib/modules)  build/ (KDIR)
# and of Debian's kernels vmlinuz too, of which image is made, and
# trace-systems, for scripts/generate. The build/ of ours is the source, built in
# place.

# Each suite has kernels of its own.
OF_SUITE=
[ "$SUITE" = trixie ] || OF_SUITE=-$SUITE
INDEX=$CACHE/index$OF_SUITE
INDEX_AT=/var/cache/tally
STOCK_PATTERN='[0-9].*-cloud-amd64'
# The versions of the compilers in the tools tree. What they compiled depends
# on no other package, so a tools tree with more in it goes on with the same
# kernels.
toolchain_of_tools_tree() { TOOLCHAIN=$TOOLS_TREE/etc/tally-toolchain; }

in_index() { "$HOST/in-tools-tree" "$TOOLS_TREE" --bind "$INDEX" "$INDEX_AT" -- "$@"; }

# kernel_sources: as lines of sources.list. What is in experimental is built in sid.
kernel_sources() {
	case $SUITE in
	trixie)
		printf 'deb %s %s main\n' "$MIRROR" trixie "$SECURITY" trixie-security \
			"$MIRROR" trixie-backports
		;;
	sid) printf "deb $MIRROR %s main\n" sid experimental ;;
	esac
}

make_index() {
	find_mirror
	kernel_sources >"$INDEX/sources.list"
	apt_settings >"$INDEX/settings"
	in_index "$TOOLS/kernel-index" update
}

# index_is_younger MINUTES
index_is_younger() {
	[ -n "$(find "$INDEX" -maxdepth 1 -name stamp -mmin "-$1" 2>/dev/null)" ]
}

# have_index MINUTES: a list of Debian's kernels no older than that. Without a
# network the old list serves.
have_index() {
	index_is_younger "$1" && return
	lock_cache
	if [ ! -e "$INDEX/stamp" ]; then
		mkdir -p "$INDEX"
		find_mirror
		step index "list of the kernels of $DEBIAN" make_index
	elif ! index_is_younger "$1" && ! (make_index) </dev/null >"$CACHE/log/index.log" 2>&1; then
		say "no list of newer kernels today (see $CACHE/log/index.log), the old one serves"
	fi
	touch "$INDEX/stamp"
	unlock_cache
}

# fetched NAME: the directory of what kernel-index fetched and unpacked.
fetched() { echo "$CACHE/packages/$1_$(key_of "$TOOLS/kernel-index")"; }

# fetch packages|source DIRECTORY RELEASE VERSION
fetch() {
	local scratch
	scratch=$(scratch_for "$2")
	"$HOST/in-tools-tree" "$TOOLS_TREE" --bind "$INDEX" "$INDEX_AT" --bind "$scratch" /kernel -- \
		"$TOOLS/kernel-index" "$1" "$3" "$4" && publish "$scratch" "$2"
}

make_kernel() {
	local packages=$1 source=$2 release=$3 scratch
	scratch=$(scratch_for "$KERNEL_DIR")
	cp -al "$packages/." "$scratch"
	"$HOST/in-tools-tree" "$TOOLS_TREE" --bind "$scratch" /kernel --bind "$source" /mnt \
		--bind "$scratch/modules" "/usr/lib/modules/$release" -- \
		"$TOOLS/kernel-prepare" "$release" && publish "$scratch" "$KERNEL_DIR"
}

# have_source RELEASE VERSION: sets SOURCE. Call under the lock.
have_source() {
	SOURCE=$(fetched "source_$2")
	[ -d "$SOURCE" ] ||
		step source "source of Linux $1" fetch source "$SOURCE" "$(version_of "$1")" "$2"
}

# kernel_directory RELEASE_VERSION
kernel_directory() {
	echo "$CACHE/kernels/$1_$(key_of "$TOOLS/kernel-index" "$TOOLS/kernel-prepare" \
		"$TOOLS/kernel-metadata" \
		"$TOOLS/trace-systems" "$DATA/source-excludes" "$TOOLCHAIN")"
}

prepare_kernel() {
	local release=$1 version=$2
	KERNEL_DIR=$(kernel_directory "${release}_$version")
	[ ! -d "$KERNEL_DIR" ] || return 0
	have_source "$release" "$version"
	step kernel "Rust metadata of Linux $release" \
		make_kernel "$(fetched "${release}_$version")" "$SOURCE" "$release"
	prune "$CACHE/kernels"
	prune "$CACHE/packages"
}

# note_of NAME: the file that says which kernel that is.
note_of() { echo "$CACHE/kernels/$1$OF_SUITE.note"; }

# make_newest NAME PATTERN: the newest kernel of that name which has Rust. What
# it is gets noted.
make_newest() {
	local release version packages note
	note=$(note_of "$1")
	while read -r release version; do
		packages=$(fetched "${release}_$version")
		[ -d "$packages" ] || step packages "packages of Linux $release" \
			fetch packages "$packages" "$release" "$version"
		if grep -qx CONFIG_RUST=y "$packages/config"; then
			prepare_kernel "$release" "$version"
			echo "${release}_$version" >"$note.new"
			mv "$note.new" "$note"
			return
		fi
		say "Linux $release is built without CONFIG_RUST"
	done < <(grep -E "^$2 " "$INDEX/candidates")
	die "no Linux $1 with CONFIG_RUST=y among the kernels of $DEBIAN"
}

# Sets KERNEL_DIR from the note of an earlier run, if that kernel is still there.
kernel_of_note() {
	local note kernel
	note=$(note_of "$1")
	[ -e "$note" ] || return 1
	kernel=$(cat "$note")
	KERNEL_DIR=$(kernel_directory "$kernel")
	[ -d "$KERNEL_DIR" ] &&
		touch -c "$KERNEL_DIR" "$(fetched "$kernel")" "$(fetched "source_${kernel##*_}")"
}

note_is_current() { [ "$(note_of "$1")" -nt "$INDEX/candidates" ]; }

# have_debian_kernel NAME PATTERN: the newest one whose release has that pattern.
have_debian_kernel() {
	local name=$1 pattern=$2 status
	# Debian's kernels move on: look once a day, and before anything is fetched.
	have_index 1440
	note_is_current "$name" && kernel_of_note "$name" && return
	have_index 60
	lock_cache
	set +e
	(
		set -e
		make_newest "$name" "$pattern"
	)
	status=$?
	set -e
	unlock_cache
	kernel_of_note "$name" || exit "$status"
	[ "$status" -eq 0 ] || say "going on with Linux $(cat "$KERNEL_DIR/release"), made earlier"
}

have_kernel() {
	toolchain_of_tools_tree
	case $1 in
	stock) have_debian_kernel stock "$STOCK_PATTERN" ;;
	debug) have_debug_kernel ;;
	builtin) have_builtin_kernel ;;
	[0-9]*) have_debian_kernel "$1" "${1//+/[+]}" ;;
	*) usage_error "no kernel '$1': use stock, debug, builtin or a release" ;;
	esac
}
