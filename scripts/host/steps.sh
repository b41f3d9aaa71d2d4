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

# What a log of apt's, pip's or kernel-metadata's says, and what that means to whoever waits: a
# regular expression and a sentence with its cure on each line. The first that
# matches counts.
reasons() {
	local mirror=${MIRROR:-the mirror}
	cat <<-REASONS
		No space left on device	the disk of $CACHE is full: make room there, or set XDG_CACHE_HOME to a directory of another
		is not valid yet	the clock of this machine is behind (it says $(date -u +%FT%RZ)): set it, then run again
		Release file for .* is expired|certificate is not yet valid|certificate has expired	$mirror stands still, or the clock of this machine is ahead (it says $(date -u +%FT%RZ)): set it, or set TALLY_MIRROR to another mirror
		NO_PUBKEY|EXPKEYSIG|REVKEYSIG|public key is not available|Missing key	Debian signs with a key that is not in $KEYRING here: upgrade the package debian-archive-keyring, then run again (make distclean, if the tools tree is what lacks it)
		File has unexpected size|Hash Sum mismatch|Mirror sync in progress|Some index files failed to download.*sync	$mirror is in the middle of an update: run again in some minutes, or set TALLY_MIRROR to another mirror
		DO NOT MATCH THE HASHES	what was fetched is not what scripts/data names, so it was not taken: run again, and ask whoever runs the package index or proxy if that persists
		Rust metadata fits one compiler only	$DEBIAN has another rustc than built this kernel: if it has that by now, make distclean gets it
		The compilers here change Debian's config	$DEBIAN has other compilers than built this kernel: if it has those by now, make distclean gets them
		Temporary failure resolving|Could not resolve|Could not connect|Connection timed out|Unable to connect|Network is unreachable|Name or service not known|Connection refused	cannot reach $mirror: see to the network, or to its proxy
	REASONS
}

# reason LOG: the sentence, if there is one.
reason() {
	local pattern sentence
	while IFS=$'\t' read -r pattern sentence; do
		if grep -qaE -e "$pattern" "$1"; then
			echo "$sentence"
			return
		fi
	done < <(reasons)
}

# step NAME TITLE COMMAND...: one long step with a progress line and a log.
# The log replaces the one of the step's last run.
step() {
	local log=$CACHE/log/$1.log title="tally: $2" start=$SECONDS status=0 reason progress
	printf '%s ... ' "$title" >&2
	shift 2
	: >"$log"
	# Locks are not held longer by who looks on.
	show_progress "$title" "$log" 8>&- 9>&- &
	progress=$!
	# A subshell of its own, so that -e holds inside the command. It gets no
	# descriptors of ours: mmdebstrap has dash write to the next one that is free,
	# and dash knows those of one digit alone.
	set +e
	(
		set -e
		"$@"
	) </dev/null >"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	status=$?
	kill "$progress"
	wait "$progress" 2>/dev/null
	set -e
	if [ -t 2 ]; then redraw "$title ... "; fi
	if [ "$status" -eq 0 ]; then
		echo "$((SECONDS - start)) s" >&2
		return
	fi
	reason=$(if is_full; then reason <(echo No space left on device); else reason "$log"; fi)
	clear_failed
	if [ -n "$reason" ]; then
		echo "failed after $((SECONDS - start)) s" >&2
		die "$reason (the log is $log)"
	fi
	echo "failed after $((SECONDS - start)) s. Its last lines:" >&2
	tail -n 20 "$log" | sed 's/^/  /' >&2
	die "the whole log is $log; run again to go on from here"
}
