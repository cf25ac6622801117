from __future__ import annotations

from pathlib import Path

import pytest
from accounting_models import compile_models
from invoice_warehouse import Warehouse, settings_in

from cspbill.compiled import Model
from cspbill.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def shop(settings: Settings) -> Warehouse:
    return Warehouse(settings)


@pytest.fixture(scope="session")
def accounting_views(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, ...]:
    """The accounting models, compiled once per worker."""
    return compile_models(tmp_path_factory.mktemp("accounting"))
