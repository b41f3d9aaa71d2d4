# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The lines about tally in a kernel's drivers/Makefile and drivers/Kconfig.
# Sourced by install-in-tree, which sets LINUX.

# shellcheck disable=SC2016 # that is for make
MAKEFILE_LINE='obj-$(CONFIG_TALLY) += tally/'
KCONFIG_LINE='source "drivers/tally/Kconfig"'

# has_line FILE LINE: whether LINE is in FILE. Anything else there about tally
# is not ours.
has_line() {
	local found
	found=$(grep -aw tally "$LINUX/$1") || return 1
	[ "$found" = "$2" ] || die "$LINUX/$1 speaks of tally in its own way, undo that first: $found"
}

# scratch_of FILE: where its new version is written, beside it.
scratch_of() { echo "$LINUX/${1%/*}/.${1##*/}.tally"; }

# edit FILE COMMAND...: the file becomes what COMMAND prints, at once and with
# its owner and mode. A hard link to it keeps what it holds.
edit() {
	local file=$LINUX/$1 scratch
	scratch=$(scratch_of "$1")
	shift
	rm -f -- "$scratch"
	cp -p -- "$file" "$scratch"
	"$@" "$file" >"$scratch"
	sync -- "$scratch"
	mv -- "$scratch" "$file"
}

ends_in_newline() { [ -z "$(tail -c 1 -- "$1")" ]; }

# with_line NUMBER LINE FILE: FILE with LINE before its line NUMBER, or behind
# the last one when NUMBER is empty. That last line may lack its newline. It
# gets it, and LINE lacks it instead, so that `without_line` can tell.
with_line() {
	if [ -n "$1" ]; then
		head -n "$(($1 - 1))" -- "$3"
		printf '%s\n' "$2"
		tail -n "+$1" -- "$3"
	elif ends_in_newline "$3"; then
		cat -- "$3"
		printf '%s\n' "$2"
	else
		cat -- "$3"
		printf '\n%s' "$2"
	fi
}

# without_line LINE FILE
without_line() {
	local number
	number=$(grep -anxF -m 1 -e "$1" -- "$2" | cut -d: -f1)
	if ends_in_newline "$2" || [ -n "$(tail -n "+$((number + 1))" -- "$2")" ]; then
		head -n "$((number - 1))" -- "$2"
		tail -n "+$((number + 1))" -- "$2"
	else
		head -n "$((number - 1))" -- "$2" | head -c -1
	fi
}

add_lines() {
	local end
	if ! has_line drivers/Kconfig "$KCONFIG_LINE"; then
		end=$(grep -an '^endmenu' "$LINUX/drivers/Kconfig" | tail -n 1 | cut -d: -f1) || true
		edit drivers/Kconfig with_line "$end" "$KCONFIG_LINE"
	fi
	if ! has_line drivers/Makefile "$MAKEFILE_LINE"; then
		edit drivers/Makefile with_line '' "$MAKEFILE_LINE"
	fi
}

remove_lines() {
	if has_line drivers/Makefile "$MAKEFILE_LINE"; then
		edit drivers/Makefile without_line "$MAKEFILE_LINE"
	fi
	if has_line drivers/Kconfig "$KCONFIG_LINE"; then
		edit drivers/Kconfig without_line "$KCONFIG_LINE"
	fi
}

# check_lines: what may be in the way of adding or removing them.
check_lines() {
	local file
	for file in drivers drivers/Makefile drivers/Kconfig; do
		[ ! -L "$LINUX/$file" ] ||
			die "$LINUX/$file is a link: what it leads to may be another's, so put a copy there first"
	done
	has_line drivers/Makefile "$MAKEFILE_LINE" || true
	has_line drivers/Kconfig "$KCONFIG_LINE" || true
}
