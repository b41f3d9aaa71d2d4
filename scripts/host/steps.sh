# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Long steps that fill the cache, and what has to hold before the first one.

# cache_ready: what has to hold before anything goes into the cache.
cache_ready() {
	check_top
	[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] ||
		die "this is $(uname -s) on $(uname -m), tally needs Linux on x86-64"
	check_cache_path
	check_namespaces
	check_cache_owner
	check_host_tools
	make_cache
}

# is_full: whether the disk of the cache has less room than any step takes.
is_full() { [ "$(df --output=avail -B1M "$CACHE" | tail -n 1)" -lt 100 ]; }

# step NAME TITLE COMMAND...: one long step with a progress line and a log.
# The log replaces the one of the step's last run.
step() {
	local log=$CACHE/log/$1.log start=$SECONDS status=0 full=
	printf 'tally: %s ... ' "$2" >&2
	shift 2
	# A subshell of its own, so that -e holds inside the command. It gets no
	# descriptors of ours: mmdebstrap has dash write to the next one that is free,
	# and dash knows those of one digit alone.
	set +e
	(
		set -e
		"$@"
	) </dev/null >"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	status=$?
	set -e
	if [ "$status" -eq 0 ]; then
		echo "$((SECONDS - start)) s" >&2
		return
	fi
	echo "failed after $((SECONDS - start)) s. Its last lines:" >&2
	tail -n 20 "$log" | sed 's/^/  /' >&2
	if is_full; then full=yes; fi
	clear_failed
	[ -z "$full" ] ||
		die "the disk of $CACHE is full: make room there, or set XDG_CACHE_HOME to a directory of another"
	die "the whole log is $log; run again to go on from here"
}
