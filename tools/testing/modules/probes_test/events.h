/* SPDX-License-Identifier: GPL-2.0 */
/* An event of the module, so that there is a module with events. It never happens. */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM probes_test

#if !defined(PROBES_TEST_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define PROBES_TEST_EVENTS_H

#include <linux/tracepoint.h>

TRACE_EVENT(probes_test_never,
	    TP_PROTO(unsigned int number),
	    TP_ARGS(number),
	    TP_STRUCT__entry(__field(unsigned int, number)),
	    TP_fast_assign(__entry->number = number;),
	    TP_printk("%u", __entry->number)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE events
#include <trace/define_trace.h>
