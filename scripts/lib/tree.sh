# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The Debian 13 tree: where every compiler, QEMU and tool comes from, so that
# the host needs next to nothing. Sourced after host.sh.

# shellcheck source=scripts/lib/mirror.sh
. "$TOP/scripts/lib/mirror.sh"

TREE_KEY=$(key_of "$TOP/scripts/packages" "$TOP/scripts/toolchain" "${BASH_SOURCE[0]}")
# A tree is named by its key and the day when it was made. The newest counts.
TREES=$CACHE/trees/$TREE_KEY
VIRTME_AT=/opt/virtme-ng

# What the packages do not bring: places to mount things at.
finish_tree() {
	local root=$1
	mkdir -p "$root/kernel" "$root/vm" "$root/usr/lib/modules" "$root$VIRTME_AT"
	touch "$root/etc/pip.conf" "$root/etc/ssl/certs/ca-certificates.crt"
	ln -s /kernel/build "$root/usr/src/linux"
	# What virtme-ng's init looks for, see guest-udevd.
	mkdir -p "$root/usr/lib/systemd"
	ln -s /vm/udevd "$root/usr/lib/systemd/systemd-udevd"
	ln -sf true "$root/usr/bin/udevadm"
	ln -sf true "$root/usr/bin/systemd-tmpfiles"
	list_toolchain "$root" >"$root/etc/tally-toolchain"
	echo "$TREE_KEY" >"$root$TREE_MARK"
}

# With what clang and gcc-14 are made of, which has versions of its own. The
# patterns match packages too that are known by name alone.
list_toolchain() {
	# shellcheck disable=SC2016,SC2046 # fields of dpkg-query; a word for each package
	chroot "$1" dpkg-query --show --showformat='${db:Status-Abbrev}${Package} ${Version}\n' \
		$(packages_in toolchain) 'binutils*' '*clang*' 'lld-*' '*llvm*' |
		sed -n 's/^ii *//p' | sort -u
}

# make_tree TREE
make_tree() {
	local scratch line options=()
	scratch=$(scratch_for "$1")
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
		--include="$(tree_packages)" \
		trixie "$scratch" \
		"deb $MIRROR trixie main" \
		"deb $MIRROR trixie-updates main" \
		"deb $SECURITY trixie-security main"
	finish_tree "$scratch"
	publish "$scratch" "$1"
}

# packages_in packages|toolchain
packages_in() { sed 's/#.*//' "$TOP/scripts/$1"; }

tree_packages() { { packages_in packages && packages_in toolchain; } | xargs | tr ' ' ','; }

# newest_tree: sets TREE, if there is one.
newest_tree() {
	local tree
	TREE=
	for tree in "$TREES".*; do
		if [[ $tree != *.tmp.* ]] && [ -e "$tree$TREE_MARK" ]; then TREE=$tree; fi
	done
	[ -n "$TREE" ]
}

# tree_is_fresh: security updates come with a new tree. Without a network the
# old one serves, and the next try is a day later.
tree_is_fresh() {
	[ -n "$(find "$TREE$TREE_MARK" -mtime -30)" ] ||
		[ -n "$(find "$CACHE/trees" -maxdepth 1 -name tried -mtime -1)" ]
}

new_tree() {
	find_mirror
	step tree "Debian 13 tree" make_tree "$TREES.$(date +%Y%m%d)"
}

renew_tree() {
	local status
	touch "$CACHE/trees/tried"
	set +e
	(
		set -e
		new_tree
	)
	status=$?
	set -e
	[ "$status" -eq 0 ] || say "going on with the Debian 13 tree of ${TREE##*.}"
	newest_tree
}

# have_tree: afterwards $TREE is there and marked as in use today.
have_tree() {
	if ! newest_tree || ! tree_is_fresh; then
		lock_cache
		if ! newest_tree; then
			have_host_tools
			new_tree
			newest_tree
		elif ! tree_is_fresh; then
			renew_tree
		fi
		prune "$CACHE/trees"
		unlock_cache
	fi
	touch "$TREE"
}
