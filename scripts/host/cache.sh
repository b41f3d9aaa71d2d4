# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What comes into the cache and goes from it.

# The key of a thing: a hash of the files and words it is made from. Each is
# hashed by itself, so that nothing moves from the end of one file into the next.
key_of() {
	local word
	for word in "$@"; do
		if [ -f "$word" ]; then
			printf 'file '
			sha256sum <"$word"
		else
			printf 'word '
			printf %s "$word" | sha256sum
		fi
	done | sha256sum | cut -c1-16
}

# lock_cache: one maker at a time. Held until the process ends. Locks are opened
# for reading too, as NFS wants it for one that is shared.
lock_cache() {
	exec 8<>"$CACHE/lock"
	if ! flock -n 8; then
		say "another run is preparing the cache, waiting for it"
		flock 8
	fi
	CACHE_IS_LOCKED=yes
}

unlock_cache() {
	exec 8>&-
	CACHE_IS_LOCKED=
}

# use_cache: as long as this process or what it becomes lives, distclean
# refuses.
use_cache() {
	while :; do
		make_cache
		exec 9<>"$CACHE/in-use"
		flock -ns 9 || { say "waiting for make distclean"; flock -s 9; }
		# distclean may have removed the file that we waited for.
		if [ "$CACHE/in-use" -ef /proc/self/fd/9 ]; then return; fi
	done
}

# remove_dir DIR: at once, so that what is left of it by an interruption is
# taken for nothing but rubbish; and never what is mounted in it.
remove_dir() {
	if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi
	apart --mount --propagation private "$HOST/remove" "$1"
}

# scratch_for PATH: an empty directory beside PATH, to be renamed to it.
# Call under the lock: what is left over from dead runs goes.
scratch_for() {
	local old scratch
	mkdir -p "$(dirname "$1")"
	for old in "$(dirname "$1")"/*.tmp.*; do
		remove_dir "$old" || true
	done
	scratch=$(mktemp -d "$1.tmp.XXXXXX")
	chmod 755 "$scratch"
	echo "$scratch"
}

# publish SCRATCH PATH: flush and rename, so that PATH is whole or absent. What
# lies there is not whole, or nobody would have made it again.
publish() {
	sync -f "$1"
	remove_dir "$2"
	mv -T -- "$1" "$2"
}

# prune DIR: things of other versions that nobody used for a month go.
prune() {
	local old
	find "$1" -mindepth 1 -maxdepth 1 -type d -mtime +30 | while read -r old; do
		remove_dir "$old" || true
	done
}

# clear_failed: what a step that failed made may fill the disk. Without the lock
# it may be of another run that goes on.
clear_failed() {
	local old
	[ -n "${CACHE_IS_LOCKED:-}" ] || return 0
	for old in "$CACHE"/*/*.tmp.*; do
		remove_dir "$old" || true
	done
}
