# SPDX-License-Identifier: GPL-2.0
"""All dynamic hotplug states are taken.

The kernel warns of that when C takes them, so this is for a guest that expects
it. It does not warn when tally finds none.
"""

import errno
import re

import around
import kernel
from kernel import modprobe
from ktap import check, test
from machine import NO_STATE_FREE, Machine
from report import parse
from traces import same, traces

NEEDS = Machine(modules=("cpuhp_slots",), splat=NO_STATE_FREE, fresh=True)

EXPECTED = re.compile(r"WARNING: .* at __cpuhp_setup_state|Call Trace:")


@test("with no hotplug state free it fails to load with ENOSPC, and loads when there is one")
def exhausted() -> None:
    modprobe("cpuhp_slots")
    before = traces()
    for _ in range(2):
        try:
            kernel.insmod(kernel.TALLY)
        except OSError as error:
            check(error.errno == errno.ENOSPC, f"it fails with {error}")
        else:
            check(False, "it loaded")
        same(before, traces())
    kernel.rmmod("cpuhp_slots")
    with kernel.loaded():
        parse(kernel.read("/proc/tally"))

    splats = [line for line in around.log() if around.SPLAT.search(line)]
    # The module in C was told once.
    check(len(splats) == 2 and all(map(EXPECTED.search, splats)), "\n".join(splats))
