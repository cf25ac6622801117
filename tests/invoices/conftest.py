from __future__ import annotations

from pathlib import Path

import pytest
from invoice_warehouse import Warehouse, settings_in

from cspbill.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def shop(settings: Settings) -> Warehouse:
    return Warehouse(settings)
