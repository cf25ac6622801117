"""The dbt unit tests beside the models, run as one dbt process on a built warehouse."""

import json

import pytest
import yaml
from harness import Warehouse

from cspbill import dbt, warehouse
from cspbill.errors import CspbillError
from cspbill.settings import DBT_PROJECT


def test_every_dbt_unit_test_passes(told: Warehouse):
    with warehouse.locked(told.settings) as lock:
        try:
            dbt.run(told.settings, ["test", "--select", "test_type:unit"], lock)
        except CspbillError as error:
            pytest.fail(str(error))
    results = json.loads((told.settings.home / "dbt_target" / "run_results.json").read_text("utf-8"))[
        "results"
    ]
    files = (DBT_PROJECT / "models").rglob("*_unit_tests.yml")
    given = {test["name"] for path in files for test in yaml.safe_load(path.read_text("utf-8"))["unit_tests"]}
    assert len(given) > 100
    assert {result["unique_id"].rpartition(".")[2] for result in results} == given
    assert {result["status"] for result in results} == {"pass"}


def test_every_model_that_computes_money_has_a_unit_test():
    folder = DBT_PROJECT / "models" / "intermediate"
    tested = "".join(path.read_text("utf-8") for path in folder.rglob("*_unit_tests.yml"))
    # A view of names only, tested by `explain`.
    models = {path.stem for path in folder.rglob("*.sql")} - {"int_charges__vendor_row"}
    assert sorted(model for model in models if f"model: {model}\n" not in tested) == []


def test_every_column_of_every_model_is_described(told: Warehouse):
    """A column of a wrong invoice could not be told from its neighbours without reading the SQL behind it."""
    files = (DBT_PROJECT / "models").rglob("_*models.yml")
    models = [model for path in files for model in yaml.safe_load(path.read_text("utf-8"))["models"]]
    described = {(model["name"], column["name"]) for model in models for column in model["columns"]}
    columns = told.rows(
        "select table_name, column_name from information_schema.columns "
        "where table_schema in ('intermediate', 'marts')"
    )
    assert {(row["table_name"], row["column_name"]) for row in columns} - described == set()
