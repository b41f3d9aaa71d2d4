# SPDX-License-Identifier: GPL-2.0
"""The test suite, or some of it. The front is tools/testing/run."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import collect
import mutant
from job import Job
from plan import Instance, choose, instances, jobs_for
from pool import Pool


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="tools/testing/run",
        description="Runs tests and prints KTAP, then `N passed, N failed, N skipped`.",
        epilog="A NAME is a tier (test: what `make test` runs; long: the rest; all), a part, a "
               "file of tests or one test, as --list shows them, or a path of one. Exit status: "
               "1 if anything failed or nothing passed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to run (default: test)")
    parser.add_argument("--list", action="store_true", help="list the tests, and run none")
    parser.add_argument("--mutants", action="store_true",
                        help="list the mutants with the tier that catches each, as a table")
    parser.add_argument("--jobs-only", action="store_true", help="list the jobs, and run none")
    parser.add_argument("--kernel", metavar="K", help="run on this kernel alone")
    parser.add_argument("--jobs", type=int, metavar="N", help="so many at a time")
    parser.add_argument("--within", type=int, metavar="SECONDS",
                        help="skip what does not end within so many seconds")
    parser.add_argument("--rotate", type=int, default=0, metavar="N",
                        help="begin at another job for each N")
    return parser.parse_args(argv)


def list_tests(found: Sequence[Instance]) -> None:
    """Prints a line for each test, below the part that it is in."""
    part = ""
    for test in dict.fromkeys(one.test for one in found):
        if test.part != part:
            part = test.part
            print(f"\n{part}")
        where = ""
        if test.machines:
            more = len({one.describe() for one in test.machines}) - 1
            others = f" and {more} more" if more else ""
            where = f" [{test.machines[0].describe()}{others}]"
        long = " (long)" if test.tier == "long" else ""
        print(f"  {test.name}: {test.description}{where}{long}")


def tier_of(one: mutant.Mutant, tests: Sequence[collect.Test]) -> str:
    """The tier of the test that catches a mutant."""
    if one.where in mutant.PARTS:
        names = [test for test in tests if test.name == one.result]
    elif one.where == "self":
        names = [test for test in tests
                 if any(one.test in machine.modules for machine in test.machines)]
    else:
        names = [test for test in tests if test.name == one.test and test.part == one.where]
    if not names:
        sys.exit(f"{one.path}: there is no test '{one.where} {one.test}'")
    return "test" if any(test.tier == "test" for test in names) else "long"


def list_mutants(tests: Sequence[collect.Test]) -> None:
    """Prints the table of mutants."""
    found = [mutant.read(path) for path in mutant.paths()]
    tiers = [tier_of(one, tests) for one in found]
    print(f"{tiers.count('test')} of {len(found)} mutants are caught by `make test`, "
          f"the others by `make test-all`.\n")
    print("| mutant | what it breaks | caught by | in |\n|---|---|---|---|")
    for one, tier in zip(found, tiers):
        make = "`make test`" if tier == "test" else "`make test-all`"
        print(f"| {one.name} | {one.breaks} | {one.where} {one.test} | {make} |")


def ordered(jobs: Sequence[Job], number: int) -> list[Job]:
    """The order of jobs: long ones first, or for a number beginning at another one for each.

    What has to be there first comes right before what needs it, so that no
    kernel is built for tests that there is no time for.
    """
    rest = [job for job in jobs if not job.setup]
    if number == 0:
        rest.sort(key=lambda job: -job.takes)
    else:
        # A third further on each time, so that three runs see all if each sees a third.
        start = (number % 3 * len(rest) // 3 + number // 3) % max(len(rest), 1)
        rest = rest[start:] + rest[:start]
    by_name = {job.name: job for job in jobs}
    found: dict[str, Job] = {}

    def add(job: Job) -> None:
        for name in job.after:
            if name in by_name:
                add(by_name[name])
        found.setdefault(job.name, job)

    for job in rest:
        add(job)
    return list(found.values())


def width(wanted: int | None) -> int:
    """How many jobs to run at a time: a guest keeps one CPU busy, and has up to 2 GiB.

    One more than there are CPUs, as tests wait for a second now and then.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return wanted or max(1, min((os.cpu_count() or 1) + 1, memory // 3))


def main() -> None:
    """Lists or runs what was asked for."""
    args = parse(sys.argv[1:])
    if args.list or args.mutants or args.jobs_only:
        # Who reads a list may have read enough.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    tests = collect.everything()
    kernel = args.kernel or os.environ.get("KERNEL", "stock")
    if kernel == "stock" and not args.kernel:
        kernel = None
    if args.mutants:
        return list_mutants(tests)
    if args.list:
        found = instances(tests, None)
        return list_tests(choose(found, args.names) if args.names else found)
    jobs = ordered(jobs_for(args.names or ["test"], tests, kernel), args.rotate)
    if args.jobs_only:
        for job in jobs:
            print(f"{job.takes} s  {job.name}: {' '.join(job.command)}  after {job.after}")
        return None

    # What `make test` was told is not for the makes of jobs.
    for name in ("KERNEL", "MAKEFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)
    pool = Pool(jobs, width(args.jobs), args.within)

    def interrupted(number: int, _frame: FrameType | None) -> None:
        pool.kill()
        sys.exit(128 + number)

    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    counts = pool.run()
    sys.exit(1 if counts.failed or not (counts.passed or args.within) else 0)


main()
