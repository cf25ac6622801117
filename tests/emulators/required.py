"""What a test needs beside the project: left out with a word on a machine that lacks it, but never in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EMULATORS = Path(__file__).resolve().parents[2] / ".emulators"


def need(path: Path, what: str) -> Path:
    """Return ``path``; without it skip, or fail where CSPBILL_EMULATORS=required."""
    if path.exists():
        return path
    reason = (
        f"{what} is not installed: run `make emulators` (Node.js and Python 3.12 or newer make it complete)"
    )
    if os.environ.get("CSPBILL_EMULATORS") == "required":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
