# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The tools tree: a Debian 13 where every compiler, QEMU and tool comes from, so
# that the host needs next to nothing.

# The lists of its packages. What only some purpose needs beside the rest, such as a
# browser, is in a list of its own, and in a tools tree of its own: TALLY_TREE=NAME
# is made of packages-NAME too. That of TALLY_TREE=sid is a Debian sid, for kernels
# that were built there.
PACKAGE_LISTS=(packages toolchain)
COMPILER_LISTS=(toolchain)
SUITE=trixie
DEBIAN="Debian 13"
if [ -n "${TALLY_TREE:-}" ]; then
	[[ $TALLY_TREE =~ ^[a-z]+$ && -e $DATA/packages-$TALLY_TREE ]] ||
		die "TALLY_TREE=$TALLY_TREE is no tools tree: bench, deb and sid are some, and none is the usual one"
	PACKAGE_LISTS+=("packages-$TALLY_TREE")
	if [ "$TALLY_TREE" = sid ]; then
		SUITE=sid
		DEBIAN="Debian sid"
		COMPILER_LISTS+=(packages-sid)
	fi
fi

# name_tools_trees: a tools tree is named by its key and the day when it was made.
# The newest counts.
name_tools_trees() {
	TOOLS_TREE_KEY=$(key_of "$SUITE" "${PACKAGE_LISTS[@]/#/$DATA/}" "${BASH_SOURCE[0]}")
	TOOLS_TREES=$CACHE/trees/$TOOLS_TREE_KEY
}

VIRTME_AT=/opt/virtme-ng

# What the packages do not bring: places to mount things at.
finish_tools_tree() {
	local root=$1
	mkdir -p "$root/kernel" "$root/vm" "$root/usr/lib/modules" "$root$VIRTME_AT"
	touch "$root/etc/pip.conf" "$root/etc/ssl/certs/ca-certificates.crt"
	ln -s /kernel/build "$root/usr/src/linux"
	# What virtme-ng's init looks for, see scripts/guest/udevd.
	mkdir -p "$root/usr/lib/systemd"
	ln -s /vm/udevd "$root/usr/lib/systemd/systemd-udevd"
	ln -sf true "$root/usr/bin/udevadm"
	ln -sf true "$root/usr/bin/systemd-tmpfiles"
	list_toolchain "$root" >"$root/etc/tally-toolchain"
	echo "$TOOLS_TREE_KEY" >"$root$TOOLS_TREE_MARK"
}

# With what clang and gcc-14 are made of, which has versions of its own. The
# patterns match packages too that are known by name alone.
list_toolchain() {
	# shellcheck disable=SC2016,SC2046 # fields of dpkg-query; a word for each package
	chroot "$1" dpkg-query --show --showformat='${db:Status-Abbrev}${Package} ${Version}\n' \
		$(packages_in "${COMPILER_LISTS[@]}") 'binutils*' '*clang*' 'lld-*' '*llvm*' |
		sed -n 's/^ii *//p' | sort -u
}

# tools_tree_sources: as lines of sources.list.
tools_tree_sources() {
	echo "deb $MIRROR $SUITE main"
	[ "$SUITE" = trixie ] || return 0
	echo "deb $MIRROR trixie-updates main"
	echo "deb $SECURITY trixie-security main"
}

# make_tools_tree DIRECTORY
make_tools_tree() {
	local scratch line options=() sources
	scratch=$(scratch_for "$1")
	mapfile -t sources < <(tools_tree_sources)
	while read -r line; do options+=("--aptopt=$line"); done < <(apt_settings)
	unshare --mount --propagation slave mmdebstrap \
		--mode=root --variant=apt \
		--keyring="$KEYRING" \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Retries "3"' \
		"${options[@]}" \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$(tools_tree_packages)" \
		"$SUITE" "$scratch" "${sources[@]}"
	finish_tools_tree "$scratch"
	publish "$scratch" "$1"
}

# packages_in LIST...
packages_in() { (cd "$DATA" && sed 's/#.*//' "$@"); }

tools_tree_packages() { packages_in "${PACKAGE_LISTS[@]}" | xargs | tr ' ' ','; }

# newest_tools_tree: sets TOOLS_TREE, if there is one.
newest_tools_tree() {
	local tree
	[ -n "${TOOLS_TREES:-}" ] || name_tools_trees
	TOOLS_TREE=
	for tree in "$TOOLS_TREES".*; do
		if [[ $tree != *.tmp.* ]] && [ -e "$tree$TOOLS_TREE_MARK" ]; then TOOLS_TREE=$tree; fi
	done
	[ -n "$TOOLS_TREE" ]
}

# tools_tree_is_fresh: security updates come with a new one. Without a network the
# old one serves, and the next try is a day later.
tools_tree_is_fresh() {
	[ -n "$(find "$TOOLS_TREE$TOOLS_TREE_MARK" -mtime -30)" ] ||
		[ -n "$(find "$CACHE/trees" -maxdepth 1 -name tried -mtime -1)" ]
}

new_tools_tree() {
	find_mirror
	step tree "tools tree ($DEBIAN${TALLY_TREE:+, TALLY_TREE=$TALLY_TREE})" make_tools_tree "$TOOLS_TREES.$(date +%Y%m%d)"
}

renew_tools_tree() {
	local status
	touch "$CACHE/trees/tried"
	set +e
	(
		set -e
		new_tools_tree
	)
	status=$?
	set -e
	[ "$status" -eq 0 ] || say "going on with the tools tree of ${TOOLS_TREE##*.}"
	newest_tools_tree
}

# have_tools_tree: afterwards $TOOLS_TREE is there and marked as in use today.
have_tools_tree() {
	if ! newest_tools_tree || ! tools_tree_is_fresh; then
		lock_cache
		if ! newest_tools_tree; then
			have_host_tools
			new_tools_tree
			newest_tools_tree
		elif ! tools_tree_is_fresh; then
			renew_tools_tree
		fi
		prune "$CACHE/trees"
		unlock_cache
	fi
	touch "$TOOLS_TREE"
}
