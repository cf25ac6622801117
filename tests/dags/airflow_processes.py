"""Airflow in child processes: its import rewires logging, and parallel workers must not share its home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEMO_BOOK = ROOT / "cspbill" / "demo" / "book"
DEMO_DAY = "2024-10-14"


def run_python(script: Path, *arguments: str, **variables: Path | str) -> subprocess.CompletedProcess[str]:
    """Run a script with nobody else's Airflow or cspbill settings; does not raise when it fails."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "CSPBILL"))}
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        env=inherited | {name: str(value) for name, value in variables.items()},
        capture_output=True,
        text=True,
        check=False,
    )
