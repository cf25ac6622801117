"""Landing streams: a report that is many times larger needs no more memory, so that a small machine can bill."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LAND = Path(__file__).resolve().parents[2] / "benchmarks" / "land.py"


def test_a_report_of_fifteen_times_the_size_lands_in_the_same_memory():
    # In a process of its own: the memory of a child is counted from that of the process that forks it.
    command = [sys.executable, str(LAND), "--megabytes", "10", "150"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    small, large = (int(found) for found in re.findall(r"(\d+) MB of memory at most", finished.stdout))
    assert large <= small + 100
    assert large <= 500
