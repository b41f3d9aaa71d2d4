# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The environment variables that everything here runs with, whoever calls and
# from where.

# Marks the tools tree. Scripts that find it run inside it already.
TOOLS_TREE_MARK=/etc/tally-tools-tree

in_tools_tree() { [ -e "$TOOLS_TREE_MARK" ]; }

# What is passed on of the caller's environment, as README lists it. The rest
# may mean anything to a build, and what is cached is made for all callers.
PASSED='@(PATH|HOME|TERM|PWD|OLDPWD|SHLVL|_|LC_ALL|MAKEFLAGS|XDG_CACHE_HOME|KERNEL|KDIR|LLVM|V|DESTDIR|TALLY_*|PIP_*|*_proxy|*_PROXY|STORM_SEED|FUZZ_SEED|FUZZ_WRITES|PERCPU_INSNS_KO|TOPOLOGY|RUSTUP_HOME|RUSTUP_TOOLCHAIN|CARGO_HOME)'

# clean_environment ARGUMENTS...: begins the script anew if it was given
# anything else: variables, functions, options of the shell. (The file that
# BASH_ENV names has not been read: each script's first line has -p.) In the tools
# tree this has been done.
clean_environment() {
	if in_tools_tree; then return; fi
	local entry odd='' passed=()
	while IFS= read -r -d '' entry; do
		# shellcheck disable=SC2053 # it is a pattern
		if [[ ${entry%%=*} == $PASSED ]]; then passed+=("$entry"); else odd=yes; fi
	done < <(command env -0)
	if [ -n "$odd" ] && [ -f "$0" ]; then exec env -i "${passed[@]}" "$BASH" -p "$0" "$@"; fi
}

clean_environment "$@"
# `cd` prints where it goes when it looks there.
unset CDPATH
export LC_ALL=C.UTF-8
# root's PATH lacks these after a plain `su`.
export PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}:/usr/sbin:/sbin
# What is made here is for everybody to read, whatever the caller's umask is.
umask 022
# A service of systemd has none.
if [ -z "${HOME:-}" ]; then
	# Root of a user namespace may be somebody else outside, and not be let into root's home.
	read -r inside outside _ </proc/self/uid_map
	for user in "$(id -u)" $(($(id -u) - inside + outside)); do
		HOME=$(getent passwd "$user" | cut -d: -f6) || HOME=/
		[ ! -w "$HOME" ] || break
	done
	unset inside outside user
	export HOME
fi
