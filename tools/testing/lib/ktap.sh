# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# KTAP 1 for the parts that are written in bash. Sourced, never run.
#
# A part declares its tests and ends in `run_tests "$@"`, which takes --list or
# the tests to run:
#
#     check ID "what holds if it passes" COMMAND...

set -euo pipefail

TESTING=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # for whoever sources this
TOP=$(cd "$TESTING/../.." && pwd -P)
# Where the modules for KERNEL are, as Makefile has it.
# shellcheck disable=SC2034
BUILD=$TOP/build
if [ "${KERNEL:-stock}" != stock ]; then BUILD+=/$KERNEL; fi

# The exit status of a test that cannot run here; what it prints says why.
SKIPPED=4

# The modules of tools/testing/modules that a part needs, built when it runs.
modules=()

ktap_part=$(basename "$0" | tr - _)
ktap_ids=()
declare -A ktap_descriptions ktap_commands

# check ID PROMISE COMMAND...: declares a test: a command, or a function, which
# ends at the first command that fails.
check() {
	ktap_ids+=("$ktap_part.$1")
	ktap_descriptions[$ktap_part.$1]=$2
	ktap_commands[$ktap_part.$1]=${*:3}
}

# skip REASON: ends a test that cannot run here.
skip() {
	echo "$1"
	exit "$SKIPPED"
}

# Called before the first test; a part may have its own.
setup() { :; }

# run_test NUMBER ID: locals have long names because a function that is called
# sees them.
run_test() {
	local ktap_output ktap_status ktap_line="$1 $2: ${ktap_descriptions[$2]}" ktap_words
	read -ra ktap_words <<<"${ktap_commands[$2]}"
	# -e has no force on the left of ||, so this is not written there.
	set +e
	ktap_output=$(
		set -e
		"${ktap_words[@]}" 2>&1
	)
	ktap_status=$?
	set -e
	case $ktap_status in
	0) echo "ok $ktap_line" ;;
	"$SKIPPED") echo "ok $ktap_line # SKIP $ktap_output" ;;
	*)
		printf '%s\n' "$ktap_output" | sed 's/^/# /'
		echo "# exit status $ktap_status of: ${ktap_words[*]}"
		echo "not ok $ktap_line"
		ktap_failed=1
		;;
	esac
}

# run_tests --list | ID...: all of them if none is named.
run_tests() {
	local ktap_id ktap_number=0 ktap_failed=0
	if [ "${1:-}" = --list ]; then
		echo "# modules: ${modules[*]}"
		for ktap_id in "${ktap_ids[@]}"; do
			echo "$ktap_id: ${ktap_descriptions[$ktap_id]}"
		done
		return
	fi
	if [ $# -eq 0 ]; then set -- "${ktap_ids[@]}"; fi
	cd "$TOP"
	echo "KTAP version 1"
	echo "1..$#"
	setup
	for ktap_id in "$@"; do
		[ -n "${ktap_commands[$ktap_id]:-}" ] || { echo "no test is called $ktap_id"; exit 2; }
		ktap_number=$((ktap_number + 1))
		run_test "$ktap_number" "$ktap_id"
	done
	exit "$ktap_failed"
}
