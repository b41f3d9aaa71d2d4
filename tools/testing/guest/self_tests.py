# SPDX-License-Identifier: GPL-2.0
"""self_tests.py NAME...: loads modules that test themselves, in KTAP.

The cases of a module NAME run when /proc/NAME is read, and are results below
the module's own.
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import around
import kernel
import ktap


def self_test(name):
    """A test: a module's cases."""
    def one():
        subprocess.run(["modprobe", name], check=True)
        report = kernel.read(f"/proc/{name}")
        subprocess.run(["modprobe", "-r", name], check=True)
        for line in report.splitlines():
            print(f"    {line}", flush=True)
        planned = re.search(r"^1\.\.(\d+)$", report, re.M)
        results = re.findall(r"^(ok|not ok) ", report, re.M)
        ktap.check(planned and int(planned.group(1)) == len(results),
                   f"{len(results)} results, which is not the plan")
        ktap.check("not ok" not in results, "some cases failed")

    return ktap.Test(name, "its cases pass", one)


sys.exit(ktap.run([self_test(name) for name in sys.argv[1:]], around.after_each) > 0)
