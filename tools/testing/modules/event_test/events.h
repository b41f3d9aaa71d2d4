/* SPDX-License-Identifier: GPL-2.0 */
/* The events of the module, the last of which has no name of its own. */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM event_test

#if !defined(EVENT_TEST_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENT_TEST_EVENTS_H

#include <linux/tracepoint.h>

TRACE_EVENT(event_test_plain,
	    TP_PROTO(unsigned int number),
	    TP_ARGS(number),
	    TP_STRUCT__entry(__field(unsigned int, number)),
	    TP_fast_assign(__entry->number = number;),
	    TP_printk("%u", __entry->number)
);

/* More arguments than registers pass. */
TRACE_EVENT(event_test_many,
	    TP_PROTO(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i, u64 j),
	    TP_ARGS(a, b, c, d, e, f, g, h, i, j),
	    TP_STRUCT__entry(__field(u64, sum)),
	    TP_fast_assign(__entry->sum = a + b + c + d + e + f + g + h + i + j;),
	    TP_printk("%llu", __entry->sum)
);

DECLARE_TRACE(event_test_nameless,
	      TP_PROTO(unsigned int number),
	      TP_ARGS(number)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE events
#include <trace/define_trace.h>
