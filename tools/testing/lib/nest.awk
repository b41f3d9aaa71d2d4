# SPDX-License-Identifier: GPL-2.0
#
# Indents a KTAP report by one level and judges it. Exit status 1 if anything
# in it failed, or if it is not whole: then a result that says so is added.

/^KTAP version 1$/ && !named {
	print "    " $0
	print "    # Subtest: " name
	named = 1
	next
}

/^%exit / { status = $2; next }

/^1\.\.[0-9]+/ && !planned { planned = 1; plan = substr($0, 4) + 0 }

/^(ok|not ok) / { results++ }

/^not ok / { failed = 1 }

# Whatever is no KTAP is noise: a message, a crash.
!/^ *(KTAP version 1|1\.\.[0-9]+|ok |not ok |#)/ { $0 = "# " $0 }

{ print "    " $0; fflush() }

function broken(why) {
	print "    # " why
	print "    not ok " ++results " " name " ran to its end"
	failed = 1
}

END {
	if (!planned)
		broken("it printed no plan (exit status " status ")")
	else if (results != plan)
		broken(results + 0 " results of " plan " (exit status " status ")")
	else if (status != 0 && !failed)
		broken("exit status " status)
	exit failed
}
