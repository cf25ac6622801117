"""What tests of several folders share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from once import made_once

from cspbill import dbt, warehouse
from cspbill.settings import Settings


@pytest.fixture(scope="session")
def compiled_manifest(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return a function that gives dbt's manifest of a full build; compiled once per test run, when first asked."""

    def compile_project(folder: Path) -> None:
        settings = Settings(home=folder, config=folder / "config", today=dt.date(2024, 10, 5))
        with warehouse.connect(settings):
            pass  # dbt asks a warehouse with our schemas while it compiles
        dbt.run(settings, ["compile", "--full-refresh"])

    return lambda: made_once(tmp_path_factory, "compiled", compile_project) / "dbt_target" / "manifest.json"
