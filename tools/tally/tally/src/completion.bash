# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Completion for tally in bash: source <(tally completion bash)

_tally() {
	local words line=${COMP_LINE:0:COMP_POINT} typed before
	# What bash has split at colons belongs together: blanks alone end a word.
	read -ra words <<<"$line"
	if [[ $line == *[[:blank:]] ]]; then words+=(''); fi
	typed=${words[-1]}
	mapfile -t COMPREPLY < <(
		COMPLETE=bash _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) \
			_CLAP_COMPLETE_COMP_TYPE=$COMP_TYPE "${words[0]}" -- "${words[@]}" 2>/dev/null
	)
	# bash puts an answer behind the last colon.
	if [[ $typed == *:* && $COMP_WORDBREAKS == *:* ]]; then
		before=${typed%"${typed##*:}"}
		COMPREPLY=("${COMPREPLY[@]#"$before"}")
	fi
}

complete -o bashdefault -o nosort -F _tally tally
