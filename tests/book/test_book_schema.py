"""The declared schema, its DDL and its reference page agree."""

from importlib import resources

import duckdb
import pytest

from cspbill.book.__main__ import GENERATED
from cspbill.book.ddl import stored_tables
from cspbill.book.kinds import sql_type
from cspbill.book.schema import TABLES
from cspbill.settings import PROJECT_ROOT


@pytest.mark.parametrize("path", list(GENERATED))
def test_what_is_generated_is_in_step_with_the_schema(path):
    assert (PROJECT_ROOT / path).read_text("utf-8") == GENERATED[path](), "run: python -m cspbill.book"


def test_the_tables_of_schema_config_have_the_declared_columns():
    with duckdb.connect() as connection:
        connection.execute(resources.files("cspbill").joinpath("schema", "config.sql").read_text("utf-8"))
        found = connection.sql(
            "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'config' "
            "order by table_name, column_index"
        ).fetchall()
    declared = [
        (table, column.name, sql_type(column.kind).upper().replace(" ", ""))
        for table, columns in sorted(stored_tables().items())
        for column in columns
    ]
    assert found == declared


def test_the_files_have_the_columns_of_the_design():
    assert {name: len(table.columns) for name, table in TABLES.items()} == {
        "customers": 19, "accounts": 6, "contracts": 10, "price_books": 4, "price_rules": 22, "price_tiers": 4,
        "discounts": 18, "products": 16, "subscriptions": 8, "adjustments": 8, "prepaid": 6, "fx_rates": 5,
        "tax_rates": 7, "tax_categories": 4, "budgets": 6, "price_list": 11,
        "account_map": 13, "payments": 6,
    }  # fmt: skip
