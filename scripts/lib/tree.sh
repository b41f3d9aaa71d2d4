# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The Debian 13 tree: where every compiler, QEMU and tool comes from, so that
# the host needs next to nothing. Sourced after host.sh.

TREE_KEY=$(key_of "$TOP/scripts/packages" "$TOP/scripts/toolchain" "${BASH_SOURCE[0]}")
TREE=$CACHE/trees/$TREE_KEY
VIRTME_AT=/opt/virtme-ng

MIRROR=http://deb.debian.org
TREE_SOURCES=(
	"deb $MIRROR/debian trixie main"
	"deb $MIRROR/debian trixie-updates main"
	"deb $MIRROR/debian-security trixie-security main"
)

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

make_tree() {
	local scratch
	scratch=$(scratch_for "$TREE")
	unshare --mount --propagation private mmdebstrap \
		--mode=root --variant=apt \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$(tree_packages)" \
		trixie "$scratch" "${TREE_SOURCES[@]}"
	finish_tree "$scratch"
	publish "$scratch" "$TREE"
}

# packages_in packages|toolchain
packages_in() { sed 's/#.*//' "$TOP/scripts/$1"; }

tree_packages() { { packages_in packages && packages_in toolchain; } | xargs | tr ' ' ','; }

# have_tree: afterwards $TREE is there and marked as in use today.
have_tree() {
	if [ ! -e "$TREE$TREE_MARK" ]; then
		lock_cache
		if [ ! -e "$TREE$TREE_MARK" ]; then
			have_host_tools
			step tree "Debian 13 tree" make_tree
			prune "$CACHE/trees"
		fi
		unlock_cache
	fi
	touch "$TREE"
}
