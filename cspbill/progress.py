"""Progress on standard error: one line per step, with what it did and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Step:
    """A step under way; ``note`` says what it did once known."""

    def __init__(self) -> None:
        self.result = "done"

    def note(self, result: str) -> None:
        """Replace the closing words of the step's line."""
        self.result = result


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Print ``title``, run the block, then print its note and its seconds."""
    current, started = Step(), time.monotonic()
    sys.stderr.write(f"{title:<34} … ")
    sys.stderr.flush()
    try:
        yield current
    except BaseException:
        sys.stderr.write("failed\n")
        raise
    sys.stderr.write(f"{current.result} ({time.monotonic() - started:.1f} s)\n")
    sys.stderr.flush()


def say(message: str) -> None:
    """Print one line of progress."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()
