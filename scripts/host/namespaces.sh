# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The namespaces that everything here runs in: what mounts, changes root and
# owns files of several users. Root may do that anyway. A user with subordinate
# ids (subuid(5)) may do it in a user namespace, as root of what is theirs.

AS_ROOT=()
if [ "$(id -u)" -ne 0 ]; then AS_ROOT=(--user --map-root-user --map-auto); fi

# apart OPTION... COMMAND...: runs it in namespaces of its own, as root there.
apart() { unshare "${AS_ROOT[@]}" "$@"; }

# A user may have no name.
user_name() { id -un 2>/dev/null || id -u; }

# has_ids FILE: whether it gives this user as many ids as Debian's users have.
has_ids() {
	awk -F: -v name="$(user_name)" -v number="$(id -u)" \
		'($1 == name || $1 == number) && $3 >= 65535 { found = 1 } END { exit !found }' \
		"$1" 2>/dev/null
}

# why_not_apart: what keeps a user from that, and how root mends it.
why_not_apart() {
	local user
	user=$(user_name)
	if ! command -v newuidmap >/dev/null || ! command -v newgidmap >/dev/null; then
		echo "newuidmap is missing (apt install uidmap)"
	elif ! has_ids /etc/subuid || ! has_ids /etc/subgid; then
		echo "$user has no subordinate ids (usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $user)"
	elif ! grep -q -e --map-auto <(unshare --help); then
		echo "unshare is older than util-linux 2.38"
	else
		echo "this machine lets users make no namespaces (see sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
	fi
}

# check_namespaces: at once and in one sentence.
check_namespaces() {
	if apart --mount --pid --fork true 2>/dev/null; then return; fi
	[ "$(id -u)" -ne 0 ] ||
		die "may not mount here (a container?): run this on a machine or in a privileged container"
	die "not root, and a user may not mount here: $(why_not_apart). Or run this as root"
}

# in_user_namespace: there the files of all whom it does not know look like
# nobody's, also those of root outside.
in_user_namespace() { ! grep -qE '^ *0 +0 +4294967295$' /proc/self/uid_map; }
