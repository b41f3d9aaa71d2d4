# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What is read of the machine and of one of its kernels. Sourced by doctor,
# install and sign, which set RELEASE, that kernel's, BUILT, its build directory, and RUNS
# if it is the one that runs.
#
# TALLY_ROOT is a directory to look at in place of /, for the tests.

ROOT=${TALLY_ROOT:-}

# file_says FILE PATTERN
file_says() { [ -r "$ROOT$1" ] && grep -aqE "$2" "$ROOT$1"; }

# first_line FILE: nothing if there is no such file.
first_line() { head -n 1 "$ROOT$1" 2>/dev/null || true; }

# os_release FIELD
os_release() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" "$ROOT/etc/os-release" 2>/dev/null || true; }

# The distribution that a kernel is of. A kernel of Debian's names it, also in
# a container of another distribution.
distribution() {
	local id
	id=$(os_release ID)
	case $id in
	'') if file_says /proc/version debian; then echo debian; else echo unknown; fi ;;
	*) echo "$id" ;;
	esac
}

# Whether the kernel is Debian's, and not one that somebody built on Debian.
is_debian_kernel() { [ "$(distribution)" = debian ] && [[ $RELEASE == *-amd64 ]]; }

find_config() {
	local file
	for file in "/boot/config-$RELEASE" "/lib/modules/$RELEASE/config" "$BUILT/.config" \
		"${RUNS:+/proc/config.gz}"; do
		if [ -n "$file" ] && [ -r "$ROOT$file" ]; then
			echo "$ROOT$file"
			return
		fi
	done
}

config_text() {
	local file
	file=$(find_config)
	case $file in
	'') ;;
	*.gz) zcat "$file" ;;
	*) cat "$file" ;;
	esac
}

# config_has OPTION: built in, or a module.
config_has() { grep -qE "^CONFIG_$1=[ym]$" <<<"$CONFIG"; }

# config_value OPTION: of a string.
config_value() { sed -n "s/^CONFIG_$1=\"\(.*\)\"/\1/p" <<<"$CONFIG"; }
