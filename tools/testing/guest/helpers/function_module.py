# SPDX-License-Identifier: GPL-2.0
"""The module function_test, without tracepoints, which calls a function of its own."""

import functools

import happening
import kernel

MODULE = kernel.module("function_test")
CALLED, UNTRACED_TOO = "function:function_test_called", "function:function_test_untraced"

happen = functools.partial(happening.happen, "function_test")
