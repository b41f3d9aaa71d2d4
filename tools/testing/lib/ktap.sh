# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# KTAP 1 for the parts that are written in bash. Sourced, never run.

set -euo pipefail

TESTING=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # for whoever sources this
TOP=$(cd "$TESTING/../.." && pwd -P)
# Where the modules for KERNEL are, as Makefile has it.
# shellcheck disable=SC2034
BUILD=$TOP/build
if [ "${KERNEL:-stock}" != stock ]; then BUILD+=/$KERNEL; fi

# mawk reads ahead, which would hold results back.
ktap_awk=(awk)
if awk -W version </dev/null 2>&1 | grep -q mawk; then ktap_awk+=(-W interactive); fi

ktap_number=0
ktap_failed=0

# plan N: opens the report; N results follow.
plan() {
	echo "KTAP version 1"
	echo "1..$1"
}

# diagnose: what comes in goes out as diagnostics.
diagnose() { sed 's/^/# /'; }

# result STATUS NAME
result() {
	ktap_number=$((ktap_number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $ktap_number $2"
	else
		echo "not ok $ktap_number $2"
		ktap_failed=1
	fi
}

# check NAME COMMAND...: a test is a command, or a function that ends at the
# first command that fails. What it prints is shown when it fails. Locals have
# long names because a function that is called sees them.
check() {
	local ktap_name=$1 ktap_output ktap_status
	shift
	# -e has no force on the left of ||, so this is not written there.
	set +e
	ktap_output=$(
		set -e
		"$@" 2>&1
	)
	ktap_status=$?
	set -e
	if [ "$ktap_status" -ne 0 ]; then
		[ -z "$ktap_output" ] || diagnose <<<"$ktap_output"
		echo "# exit status $ktap_status of: $*"
	fi
	result "$ktap_status" "$ktap_name"
}

# nest NAME COMMAND...: the KTAP that COMMAND prints, as one result of ours.
# Its standard error joins in, as diagnostics.
nest() {
	local ktap_name=$1 ktap_status=0
	shift
	# The status travels in the pipe: the filter judges it with the rest.
	{
		set +e
		("$@") 2>&1
		echo "%exit $?"
	} | "${ktap_awk[@]}" -v name="$ktap_name" -f "$TESTING/lib/nest.awk" || ktap_status=1
	result "$ktap_status" "$ktap_name"
}

# finish: the end of a part.
finish() { exit "$ktap_failed"; }
