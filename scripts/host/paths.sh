# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Where the checkout and the cache are, and what keeps them from serving.

# The dot keeps a newline at the end of the path.
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P && echo .)
TOP=${TOP%$'\n.'}
# What runs on the host, what runs in the tools tree, and what both read.
# shellcheck disable=SC2034 # for whoever sources this
HOST=$TOP/scripts/host TOOLS=$TOP/scripts/tools-tree DATA=$TOP/scripts/data
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/tally
# A link to a larger disk is fine, and what counts is what it leads to.
case $CACHE in /*) CACHE=$(readlink -m -- "$CACHE") ;; esac

# is_plain PATH: whether make, the shells that it starts and kbuild all take it
# for one word that means itself.
is_plain() {
	[ "$(printf %s "$1" | LC_ALL=C tr -d 'A-Za-z0-9/@+,=*~._\200-\377-' | wc -c)" -eq 0 ]
}

check_top() {
	is_plain "$TOP" ||
		die "the path ${TOP@Q} holds a character that the kernel's build cannot take: clone into a path of letters, digits and . _ - + , = @ ~"
}

# is_ours UID: root's, or of whoever runs this.
is_ours() {
	[ "$1" -eq 0 ] || [ "$1" -eq "$(id -u)" ] ||
		{ in_user_namespace && [ "$1" -eq "$(cat /proc/sys/kernel/overflowuid)" ]; }
}

# may_be_changed DIRECTORY: whether others than root and whoever runs this may
# put something else in the place of what is in it.
may_be_changed() {
	local owner group mode
	read -r owner group mode < <(stat -c '%u %g %a' -- "$1")
	if ! is_ours "$owner"; then return 0; fi
	# In a directory that is sticky, as /tmp, everybody changes their own alone.
	if [ $((0$mode & 01000)) -ne 0 ]; then return 1; fi
	# A user is in a group of their own, as root is.
	[ $((0$mode & 02)) -ne 0 ] ||
		{ [ $((0$mode & 020)) -ne 0 ] && [ "$group" -ne 0 ] && [ "$group" -ne "$(id -g)" ]; }
}

# check_cache_owner: what is in the cache is run as root, or as whoever runs this,
# so who may change it is them.
check_cache_owner() {
	local directory=$CACHE
	while :; do
		if [ -e "$directory" ] && may_be_changed "$directory"; then
			die "others than $(user_name) may change what is in $directory, and $(user_name) would run it: set XDG_CACHE_HOME to a directory of your own, or use sudo -H"
		fi
		[ "$directory" != / ] || return 0
		directory=$(dirname "$directory")
	done
}

check_cache_path() {
	[[ $CACHE == /* ]] ||
		die "the cache's path '$CACHE' is not absolute: set XDG_CACHE_HOME or HOME to one that begins with /"
	is_plain "$CACHE" ||
		die "the cache's path ${CACHE@Q} holds a blank or a character that is special to a shell: set XDG_CACHE_HOME to another"
}

# A directory of that name may be somebody's own, of which nothing is to be
# removed ever. CACHEDIR.TAG is what backups know a cache by.
CACHE_TAG=$CACHE/CACHEDIR.TAG

is_our_cache() {
	[ -e "$CACHE_TAG" ] || [ -z "$(ls -A "$CACHE")" ] ||
		# Of a version before there was a tag.
		{ [ -e "$CACHE/in-use" ] && [ -d "$CACHE/log" ]; }
}

make_cache() {
	mkdir -p -- "$CACHE" 2>/dev/null || true
	[ -w "$CACHE" ] ||
		die "cannot write to the cache $CACHE: set XDG_CACHE_HOME to a directory that can be written to"
	is_our_cache ||
		die "$CACHE holds files that are not of a cache: set XDG_CACHE_HOME to another directory"
	[ -e "$CACHE_TAG" ] || printf '%s\n' 'Signature: 8a477f597d28d172789f06886806bc55' \
		'# The cache of tally. make distclean empties it.' >"$CACHE_TAG" ||
		die "cannot write to the cache $CACHE: make room there, or set XDG_CACHE_HOME to another disk"
	mkdir -p -- "$CACHE/log"
}

# give_back: what root builds in somebody's checkout is theirs.
give_back() {
	local made
	if [ "$(id -u)" -ne 0 ] || [ "$(stat -c %u "$TOP")" -eq 0 ]; then return; fi
	for made in "$TOP/build" "$TOP/rust-project.json"; do
		if [ -e "$made" ]; then chown -hR --from=0 --reference="$TOP" -- "$made"; fi
	done
}
