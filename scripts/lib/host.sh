# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the machine itself needs, before there is a tree. Sourced after
# common.sh.

# mount is missing from the smallest of containers.
HOST_TOOLS=(mmdebstrap mount)

host_is_debian() {
	local ID='' VERSION_ID=''
	# shellcheck source=/dev/null
	[ -r /etc/os-release ] && . /etc/os-release
	[ "$ID" = debian ] && { [ "$VERSION_ID" = 12 ] || [ "$VERSION_ID" = 13 ]; }
}

install_host_tools() {
	apt-get -q update && apt-get -qy --no-install-recommends install "${HOST_TOOLS[@]}"
}

have_host_tools() {
	local tool
	for tool in "${HOST_TOOLS[@]}"; do
		command -v "$tool" >/dev/null && continue
		host_is_debian ||
			die "this is not Debian 12 or 13: install ${HOST_TOOLS[*]} and debian-archive-keyring by hand, then run again"
		step host "${HOST_TOOLS[*]} from apt" install_host_tools
		return
	done
}
