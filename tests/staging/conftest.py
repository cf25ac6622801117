"""The staging models by the SQL that dbt compiled, run once per test run: no process of dbt for every vendor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cspbill import warehouse
from cspbill.compiled import read_models
from cspbill.settings import DBT_PROJECT, Settings

#: Last of what is built here: the charges of all vendors together.
LAST = "int_charges__vendor"


@pytest.fixture(scope="session")
def stage(compiled_manifest: Callable[[], Path]) -> Callable[[Settings], None]:
    """Return a function that builds seeds, staging and the union of all vendors' charges in a warehouse."""

    def build(settings: Settings) -> None:
        nodes = json.loads(compiled_manifest().read_text("utf-8"))
        models = read_models(nodes, lambda node: node["fqn"][1] == "staging" or node["name"] == LAST)
        with warehouse.connect(settings) as connection:
            for schema in ("staging", "intermediate"):
                connection.execute(f"create schema if not exists {schema}")
            for seed in (DBT_PROJECT / "seeds").rglob("*.csv"):
                connection.execute(
                    f"create or replace table staging.{seed.stem} as from read_csv('{seed}', all_varchar = true)"
                )
            for model in models:
                kind = "view" if model.kind == "view" else "table"
                connection.execute(f"create or replace {kind} {model.relation} as {model.sql}")

    return build
