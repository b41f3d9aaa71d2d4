# SPDX-License-Identifier: GPL-2.0
"""run_controls.py object|guest|self: runs tests on modules that are broken, in KTAP.

A control passes if the test that its patch names fails, for the reason that
the patch names. A self test is a module, which is loaded on top of the broken
tally and reports in a file of its name in /proc.
"""

import os
import pathlib
import re
import subprocess
import sys

import ktap

TESTING = pathlib.Path(__file__).resolve().parent.parent
HEADER = re.compile(r'# (.*): (object|guest|self) ([a-z_.]+) must fail with "(.*)"\.')


class Control:
    """A patch, and the test that must fail on what it made."""

    def __init__(self, path, match):
        self.name = path.stem
        self.broken, self.where, self.test, self.says = match.groups()

    def run(self):
        """Runs the test on the broken module."""
        module = f"build/controls/{self.name}/tally.ko"
        ktap.check((TESTING.parents[1] / module).exists(), f"there is no {module}")
        said = self.self_test(module) if self.where == "self" else self.tests(module)
        failed = re.search(rf"^not ok \d+ {re.escape(self.test)}:", said, re.M)
        ktap.check(failed and re.search(rf"^# .*(?:{self.says})", said, re.M),
                   f"{self.test} had to fail with '{self.says}', and says:\n{said}")

    def tests(self, module):
        """What a test in Python says of it."""
        return subprocess.run(
            [sys.executable, "-B", TESTING / "lib/main.py", self.where, self.test],
            env={**os.environ, "TALLY_KO": module}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False).stdout

    def self_test(self, module):
        """What a module that was built with it says: its failures, under its name."""
        subprocess.run(["insmod", module], check=True)
        try:
            subprocess.run(["insmod", f"build/controls/{self.name}/modules/{self.test}.ko"],
                           check=True)
            report = pathlib.Path("/proc", self.test).read_text(encoding="utf-8")
        finally:
            subprocess.run(["rmmod", self.test], check=False)
            subprocess.run(["rmmod", "tally"], check=True)
        return re.sub(r"^not ok (\d+) (.*)$", rf"# \2\nnot ok \1 {self.test}:", report, flags=re.M)


def controls(where):
    """All controls for a place. One that leaves a hotplug state of a module
    that is gone comes last: no CPU may go down after it."""
    found = []
    for path in sorted((TESTING / "controls").glob("*.patch")):
        match = HEADER.fullmatch(path.read_text(encoding="utf-8").splitlines()[1])
        if match and match.group(2) == where:
            found.append(Control(path, match))
    return sorted(found, key=lambda one: one.test.startswith("lifecycle."))


sys.exit(ktap.run([ktap.Test(one.name, f"{one.broken}: {one.test} fails", one.run)
                   for one in controls(sys.argv[1])]) > 0)
