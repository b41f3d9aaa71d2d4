# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every script here needs: messages, the cache, long steps with a log.
# Sourced, never run.

set -euo pipefail

# `cd` prints where it goes when it looks there.
unset CDPATH
# What is made here is for everybody to read, whatever the caller's umask is.
umask 022

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/tally

# root's PATH lacks these after a plain `su`.
PATH=$PATH:/usr/sbin:/sbin

# Names the tree. Scripts that find it run inside the tree already.
TREE_MARK=/etc/tally-tree

say() { echo "tally: $*" >&2; }

die() {
	say "$*"
	exit 1
}

usage_error() {
	say "$*"
	exit 2
}

in_tree() { [ -e "$TREE_MARK" ]; }

# The key of a thing: a hash of the files and words it is made from.
key_of() {
	local word
	for word in "$@"; do
		if [ -f "$word" ]; then cat "$word"; else printf '%s\0' "$word"; fi
	done | sha256sum | cut -c1-16
}

# cache_ready: what has to hold before anything goes into the cache.
cache_ready() {
	case $TOP in
	*[[:space:]:]*) die "the path '$TOP' holds a space or a colon, which the kernel's build refuses: clone elsewhere" ;;
	esac
	[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] ||
		die "this is $(uname -s) on $(uname -m), tally needs Linux on x86-64"
	[ "$(id -u)" -eq 0 ] || die "not root: run this as root (it mounts and chroots)"
	unshare --mount true 2>/dev/null ||
		die "may not mount here (a container?): run this on a machine or in a privileged container"
	mkdir -p "$CACHE/log"
}

# lock_cache: one maker at a time. Held until the process ends.
lock_cache() {
	exec 8>"$CACHE/lock"
	flock -n 8 && return
	say "another run is preparing the cache, waiting for it"
	flock 8
}

unlock_cache() { exec 8>&-; }

# use_cache: as long as this process or what it becomes lives, distclean
# refuses.
use_cache() {
	mkdir -p "$CACHE/log"
	exec 9>"$CACHE/in-use"
	flock -s 9
	# Emptied while we waited: once more, on the new file.
	[ -e "$CACHE/in-use" ] || use_cache
}

# remove_dir DIR: never walks into something mounted.
remove_dir() {
	[ -e "$1" ] || return 0
	if grep -qF " $(readlink -f "$1")/" /proc/self/mountinfo; then
		say "left $1 alone: something is mounted in it"
		return 1
	fi
	rm -rf --one-file-system -- "$1"
}

# scratch_for PATH: an empty directory beside PATH, to be renamed to it.
# Call under the lock: what is left over from dead runs goes.
scratch_for() {
	local old
	mkdir -p "$(dirname "$1")"
	for old in "$(dirname "$1")"/*.tmp.*; do
		remove_dir "$old" || true
	done
	mkdir "$1.tmp.$$"
	echo "$1.tmp.$$"
}

# publish SCRATCH PATH: flush and rename, so that PATH is whole or absent.
publish() {
	sync -f "$1"
	mv -T -- "$1" "$2"
}

# prune DIR: things of other versions that nobody used for a month go.
prune() {
	local old
	find "$1" -mindepth 1 -maxdepth 1 -type d -mtime +30 | while read -r old; do
		remove_dir "$old" || true
	done
}

# step NAME TITLE COMMAND...: one long step with a progress line and a log.
# The log replaces the one of the step's last run.
step() {
	local log=$CACHE/log/$1.log start=$SECONDS status=0
	printf 'tally: %s ... ' "$2" >&2
	shift 2
	# A subshell of its own, so that -e holds inside the command.
	set +e
	(
		set -e
		"$@"
	) </dev/null >"$log" 2>&1
	status=$?
	set -e
	if [ "$status" -eq 0 ]; then
		echo "$((SECONDS - start)) s" >&2
		return
	fi
	echo "failed after $((SECONDS - start)) s. Its last lines:" >&2
	tail -n 20 "$log" | sed 's/^/  /' >&2
	die "the whole log is $log; run again to go on from here"
}
