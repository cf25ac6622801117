"""What-ifs run the SQL that the last full build compiled."""

from typing import Any

import pytest
from compiled import Project
from harness import Warehouse

from cspbill import dbt
from cspbill.compiled import compiled_models


def test_a_what_if_runs_the_sql_of_the_full_build_and_starts_no_dbt(
    told: Warehouse, project: Project, monkeypatch: pytest.MonkeyPatch
):
    """Quotes and corrections would be priced by other rules than invoices, or wait seconds for dbt."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("dbt was started although the build had compiled everything")

    monkeypatch.setattr(dbt, "run", refuse)
    models = compiled_models(told.settings)
    assert len(models) > 90
    assert {model.name: model for model in models} == {model.name: model for model in project.after_charges}
