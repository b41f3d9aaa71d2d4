# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What a person sees of a step that takes its time: how long it is under way, and the last
# line of its log. On a terminal in one line that changes each second, elsewhere in a new
# line now and then.

# How often there is a new line where nothing is drawn over another.
PROGRESS_SECONDS=30

# last_words LOG: its last line that is not empty. Some programs end theirs by a carriage
# return, so that the next is written over it.
last_words() { tail -c 400 "$1" | tr '\r' '\n' | tr -cd '[:print:]\n' | grep . | tail -n 1; }

# redraw TEXT: instead of the terminal's line, of which it takes no more than one.
redraw() {
	local columns
	columns=$(stty size <&2 2>/dev/null | cut -d' ' -f2)
	# A terminal over a serial line does not know how wide it is.
	if ((columns < 2)); then columns=80; fi
	printf '\r\033[K%s' "${1:0:columns-1}" >&2
}

# show_progress TITLE LOG: until it is killed, or the process that it belongs to is gone.
show_progress() {
	local start=$SECONDS next=$PROGRESS_SECONDS seconds
	while sleep 1 && kill -0 $$ 2>/dev/null; do
		seconds=$((SECONDS - start))
		if [ -t 2 ]; then
			redraw "$1 ... $seconds s: $(last_words "$2")"
		elif ((seconds >= next)); then
			printf '\n  %s s: %s ... ' "$seconds" "$(last_words "$2")" >&2
			next=$((seconds + PROGRESS_SECONDS))
		fi
	done
}
