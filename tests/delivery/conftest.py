from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cspbill.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, config=tmp_path / "config", today=dt.date(2024, 10, 5))
