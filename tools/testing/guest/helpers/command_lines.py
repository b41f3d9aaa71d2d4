# SPDX-License-Identifier: GPL-2.0
"""Lines that /proc/tally does not take."""

from control import NONE

NOT_UNDERSTOOD = [
    # Parts that are missing, or too many.
    b"x", b"sched", b"sched:", b":sched_switch", b":", b"::", b"sched::sched_switch",
    b"sched:sched_switch:", b"sched:sched_switch:x", b"sched/sched_switch",
    b"!", b"+", b"!sched", b"+sched", b"!:", b"+:",
    # Marks that are there twice, or stand elsewhere.
    b"!!sched:sched_switch", b"++sched:sched_switch", b"!+sched:sched_switch",
    b"+!sched:sched_switch", b"sched:!sched_switch", b"sched:+sched_switch", b"sched:sched_switch!",
    b"sched:sched_switch#", b"-sched:sched_switch?#",
    # Blanks.
    b" ", b"\t", b" sched:sched_switch", b"sched:sched_switch ", b"sched: sched_switch",
    b"sched :sched_switch", b"! sched:sched_switch", b"sched:sched_switch\t",
    b"sched:sched_switch irq:irq_handler_entry", b" # comment",
    # Ends of lines that are none of ours.
    b"\r", b"sched:sched_switch\r", b"sched:sched_switch\r\n", b"\r\n", b"sched:sched_switch\v",
    # Bytes that are in no name.
    b"\0", b"sched:sched_switch\0", b"\0sched:sched_switch", b"sched\0:sched_switch",
    b"sched:sched_switch\n\0", b"sched:sched_switch\0\n", b"sched:\x01", b"sched:\x1b[m",
    b"sched:\x7f", b"sched:\xff", b"sched:\xc3", "sched:süß".encode(),
    "ſched:sched_switch".encode(),
    b"\xef\xbb\xbfsched:sched_switch", b"sched:sched.switch", b"sched:sched,switch",
    b"sched:'sched_switch'", b'"sched:sched_switch"', b"sched:$(id)", b"sched:sched_switch;",
    b"sched:sched_switch 1", b"sched:%s", b"sched:..", b"../sched:sched_switch",
    # Globs that are not whole, or hold what they must not.
    b"sched:[", b"sched:[]", b"sched:[!]", b"sched:[a", b"sched:[a-", b"sched:]", b"sched:[[a]]",
    b"[:sched_switch", b"[a:b]:sched_switch", b"sched:[a b]", b"sched:[*]", b"sched:[^a]",
    b"sched:\\*", b"sched:sched_switch\\", b"sched:{a,b}", b"sched:[a\n]",
    # An event that is not there yet has a name, and is no pattern.
    b"+sched:*", b"+*:sched_switch", b"+sched:sched_switc?", b"+sched:[a]",
    b"+latency:*", b"latency:", b"latency:run queue", b"latency:..",
    # A time is between two names.
    b"..", b"a:b..", b"..a:b", b"a:b..c", b"a..b:c", b"a:b...c:d", b"a:b.c:d", b"a:b..c:d..e:f",
    b"a:b..!c:d", b"a:b..+c:d", b"a:b.. c:d", b"a:b ..c:d", b"a:*..c:d", b"a:b..c:?", b"[a]:b..c:d",
    b"+a:*..c:d", b"!a:b..c:*", b"a:b..\nc:d", b"a:b..c:d\0", b"a:b:c..d:e",
]

NOT_THERE = [
    NONE, b"!" + NONE, b"sched:no_such_event", b"no_such_system:sched_switch", b"no_such_system:*",
    b"sched:no_such_*", b"sched:no_such_[a-z]vent", b"!no_such_*:*", b"SCHED:SCHED_SWITCH",
    b"sched:sched_switch_", b"sched:sched_switc", b"-:-",
    b"a:b..c:d", b"!a:b..c:d", b"sched:sched_switch..a:b", b"!sched:sched_switch..a:b",
    b"a:b..sched:sched_switch",
    b"latency:no_such_latency", b"+latency:no_such_latency", b"latency:no_such_*",
    b"!latency:runqueue", b"latenc[y]:runqueue", b"*:runqueue",
    b"latency:runqueue..sched:sched_switch",
    # Too long for a name.
    b"sched:" + b"x" * 65, b"x" * 65 + b":sched_switch", b"+" + b"x" * 65 + b":x",
    b"*" * 65 + b":*",
    b"+a:b..c:" + b"x" * 65,
]
