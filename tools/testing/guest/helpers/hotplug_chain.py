# SPDX-License-Identifier: GPL-2.0
"""What tally and the module hotplug_test say of the hotplug chain."""

import kernel
from report import parse


def called() -> dict[str, int]:
    """The Hotplug record."""
    return parse(kernel.read("/proc/tally"))[-1].totals


def seen() -> dict[str, int]:
    """What the module hotplug_test saw."""
    lines = kernel.read("/proc/hotplug_test").splitlines()
    return {key: int(value) for key, value in map(str.split, lines)}
