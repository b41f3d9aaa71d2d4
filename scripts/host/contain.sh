# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Commands of which nothing is left, however they end.

# contained COMMAND...: runs it in a PID namespace of its own, which ends with
# COMMAND and with this process, whatever ends it. And in a mount namespace: what
# is mounted there stays there, what the host unmounts goes there too.
contained() {
	local status=0
	[ -e /proc/self/fd/0 ] || exec </dev/null
	# What runs beside a shell ignores ctrl-C, unless it is told otherwise. unshare
	# of util-linux 2.38 complains when its child is killed, so COMMAND alone has
	# the standard error.
	# shellcheck disable=SC2016
	env --default-signal=INT,QUIT setpriv --pdeathsig KILL \
		unshare "${AS_ROOT[@]}" --mount --propagation slave --pid --fork --kill-child \
		sh -c 'exec "$@" 2>&4 4>&-' sh "$@" <&0 4>&2 2>/dev/null &
	CONTAINED=$!
	trap 'end_contained 1' HUP
	trap 'end_contained 2' INT
	trap 'end_contained 15' TERM
	wait "$CONTAINED" || status=$?
	trap - HUP INT TERM
	give_back
	return "$status"
}

# end_contained SIGNAL: when unshare's child is killed, which is the first
# process of the namespace, unshare ends after all in it.
end_contained() {
	local first
	trap '' HUP INT TERM
	first=$(cat "/proc/$CONTAINED/task/$CONTAINED/children" 2>/dev/null) || true
	# shellcheck disable=SC2086 # a word for each
	kill -KILL ${first:-$CONTAINED} 2>/dev/null || true
	wait "$CONTAINED" 2>/dev/null || true
	give_back
	exit $((128 + $1))
}
