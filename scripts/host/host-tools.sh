# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the machine itself needs, before there is a tools tree.

# mount is missing from the smallest of containers.
HOST_TOOLS=(mmdebstrap mount)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

host_is_debian() {
	local ID='' VERSION_ID=''
	# shellcheck source=/dev/null
	[ -r /etc/os-release ] && . /etc/os-release
	[ "$ID" = debian ] && { [ "$VERSION_ID" = 12 ] || [ "$VERSION_ID" = 13 ]; }
}

# Somebody's source that cannot be read is none of ours: what counts is whether
# the packages can be had. On a new machine the first upgrade may hold the lock.
install_host_tools() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update || echo "Some sources of apt could not be read, going on with the others."
	apt-get -qy -o DPkg::Lock::Timeout=600 --no-install-recommends install \
		"${HOST_TOOLS[@]}" debian-archive-keyring
}

has_host_tools() {
	local tool
	for tool in "${HOST_TOOLS[@]}"; do command -v "$tool" >/dev/null || return 1; done
	[ -r "$KEYRING" ]
}

# check_may_install: a user may not, in no namespace.
check_may_install() {
	[ ${#AS_ROOT[@]} -eq 0 ] ||
		die "not root, and ${HOST_TOOLS[*]} is not all here: have root run apt install ${HOST_TOOLS[*]} debian-archive-keyring, or run this as root"
}

# check_host_tools: what would be missing later is said before anything is made.
check_host_tools() {
	if newest_tools_tree || has_host_tools; then return; fi
	check_may_install
}

have_host_tools() {
	if has_host_tools; then return; fi
	check_may_install
	host_is_debian ||
		die "this is not Debian 12 or 13: install ${HOST_TOOLS[*]} and debian-archive-keyring by hand, then run again"
	step host "${HOST_TOOLS[*]} from apt" install_host_tools
}
