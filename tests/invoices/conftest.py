from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from invoice_warehouse import Warehouse, settings_in

from cspbill.compiled import Model, read_models
from cspbill.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def shop(settings: Settings) -> Warehouse:
    return Warehouse(settings)


@pytest.fixture(scope="session")
def accounting_views(compiled_manifest: Callable[[], Path]) -> tuple[Model, ...]:
    """The accounting models, and today's day that they count from, as dbt compiles them."""
    manifest = json.loads(compiled_manifest().read_text("utf-8"))
    return read_models(manifest, lambda node: {"accounting", "int_today"} & {*node["fqn"]})
