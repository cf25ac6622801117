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


EVERY_SECONDS = 10.0


class Count:
    """Things done of a known number; on a terminal the line is rewritten, else a new one is written now and then."""

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total = f"{title:<34} … ", total
        self._done, self._started = 0, time.monotonic()
        self._told = self._started
        self._redraws = sys.stderr.isatty()

    def advance(self, done: int) -> None:
        """Count more of them as done."""
        self._done += done
        now = time.monotonic()
        if self._redraws or now - self._told >= EVERY_SECONDS:
            self._told = now
            sys.stderr.write(f"\r{self}" if self._redraws else f"{self}\n")
            sys.stderr.flush()

    def __str__(self) -> str:
        """``Issue documents … 1,200 of 5,000, 23.4 a second, 2:42 left``."""
        rate = self._done / max(time.monotonic() - self._started, 1e-9)
        left = (
            f", {_clock((self._total - self._done) / rate)} left" if rate and self._done < self._total else ""
        )
        return f"{self._title}{self._done:,} of {self._total:,}, {rate:.1f} a second{left:<14}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@contextmanager
def counted(title: str, total: int) -> Iterator[Count]:
    """Count ``total`` things while the block does them; the last line says how fast they were done."""
    count = Count(title, total)
    try:
        yield count
    finally:
        if total:
            sys.stderr.write(f"\r{count}".rstrip() + "\n" if count._redraws else f"{count}".rstrip() + "\n")
            sys.stderr.flush()
