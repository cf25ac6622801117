"""Run a command and say how long it took and how much memory it needed at most."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024  # the kernel counts ru_maxrss in kilobytes


@dataclass(frozen=True)
class Measured:
    """Wall-clock seconds, and the peak resident memory in megabytes of the largest process of the command."""

    seconds: float
    megabytes: float


def measure(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Measured:
    """Run ``command`` to its end, its output appended to ``log``; raises RuntimeError when it fails."""
    with log.open("ab") as output:
        started = time.monotonic()
        child = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
        # Not child.wait(): only wait4 tells the memory, of the child and of what it waited for in turn (dbt).
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        tail = log.read_text("utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}; {log} says:\n{tail}")
    return Measured(seconds, usage.ru_maxrss / MEGABYTE)


def total(parts: Sequence[Measured]) -> Measured:
    """Add the seconds of steps that ran one after the other; the memory is that of the largest."""
    return Measured(sum(part.seconds for part in parts), max((part.megabytes for part in parts), default=0.0))
