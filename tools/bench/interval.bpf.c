// SPDX-License-Identifier: GPL-2.0
/* The time between the tracepoints BEGIN and END on each CPU. */

#include "lengths.bpf.h"

SEC("tp_btf/" BEGIN)
int begin(void *context)
{
	begins();
	return 0;
}

SEC("tp_btf/" END)
int end(void *context)
{
	ends();
	return 0;
}
