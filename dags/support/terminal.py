"""The terminal for people, a log file for everything else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Terminal:
    """Prints progress (standard error) and results (standard output)."""

    def __init__(self, results: TextIO, progress: TextIO) -> None:
        self._results, self._progress = results, progress
        self._started: dict[str, float] = {}

    def say(self, text: str = "") -> None:
        """Print one line of progress."""
        self._write(self._progress, f"{text}\n")

    def result(self, text: str) -> None:
        """Print a result."""
        self._write(self._results, f"{text}\n")

    def begin(self, title: str) -> None:
        """Open the line of a step, unless it is open (a task that waited for a person starts twice)."""
        if title not in self._started:
            self._started[title] = time.monotonic()
            self._write(self._progress, f"  {title:<40} … ")

    def end(self, title: str, outcome: str) -> None:
        """Close the line of a step with what came of it and its seconds."""
        seconds = time.monotonic() - self._started.pop(title)
        self._write(self._progress, f"{outcome} ({seconds:.1f} s)\n")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Wrap a block in a line of progress."""
        self.begin(title)
        try:
            yield
        except BaseException:
            self.end(title, "failed")
            raise
        self.end(title, "done")

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        stream.write(text)
        stream.flush()


@contextmanager
def quiet(log: Path) -> Iterator[Terminal]:
    """Send what this process and its children print to ``log``; yields the terminal.

    The file descriptors themselves are turned: Airflow, dbt and their children write past ``sys.stdout``.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with log.open("a") as sink, os.fdopen(saved[0], "w") as results, os.fdopen(saved[1], "w") as progress:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield Terminal(results, progress)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(saved[0], 1)
            os.dup2(saved[1], 2)
