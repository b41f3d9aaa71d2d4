# SPDX-License-Identifier: GPL-2.0
"""Makes a sequence that fails as short as it can be and still fails."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Step = TypeVar("Step")


def shrunk(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool],
           seconds: float) -> list[Step]:
    """Leaves out halves, quarters and so on to single steps, as long as what is left fails.

    After so many seconds it is what has been found by then.
    """
    kept = list(steps)
    end = time.monotonic() + seconds
    size = len(kept) // 2
    while size:
        at, before = 0, len(kept)
        while at < len(kept):
            if time.monotonic() > end:
                return kept
            fewer = kept[:at] + kept[at + size:]
            if fails(fewer):
                kept = fewer
            else:
                at += size
        # What single steps are for may have gone with others.
        if size > 1 or len(kept) == before:
            size //= 2
    return kept
