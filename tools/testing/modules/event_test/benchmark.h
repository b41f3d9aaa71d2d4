/* SPDX-License-Identifier: GPL-2.0 */
/* An event that is called what the kernel's CONFIG_TRACEPOINT_BENCHMARK has. */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM benchmark

#if !defined(EVENT_TEST_BENCHMARK_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENT_TEST_BENCHMARK_H

#include <linux/tracepoint.h>

int event_test_regfunc(void);
void event_test_unregfunc(void);

TRACE_EVENT_FN(benchmark_event,
	       TP_PROTO(unsigned int number),
	       TP_ARGS(number),
	       TP_STRUCT__entry(__field(unsigned int, number)),
	       TP_fast_assign(__entry->number = number;),
	       TP_printk("%u", __entry->number),
	       event_test_regfunc, event_test_unregfunc
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE benchmark
#include <trace/define_trace.h>
