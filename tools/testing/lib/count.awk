# SPDX-License-Identifier: GPL-2.0
#
# Passes a KTAP report on and ends it with its numbers of leaf tests: results
# that have no results of their own. Exit status 1 if one failed or none ran.

{ print; fflush() }

/^ *(ok|not ok) / {
	match($0, /^ */)
	depth = RLENGTH / 4
	# Deeper results since the last one of this depth are its subtests.
	if (!inner[depth]) {
		if ($1 == "ok")
			passed++
		else
			failed++
	}
	inner[depth] = 0
	for (i = 0; i < depth; i++)
		inner[i] = 1
}

END {
	print passed + 0 " passed, " failed + 0 " failed"
	exit failed > 0 || passed == 0
}
