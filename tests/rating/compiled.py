"""The project's own SQL as dbt compiles it, run here: a whole rating in half a second instead of a dbt build.

Only how a model reaches its table is done here (create, or delete and insert); what is computed is the compiled SQL.
`Memory` is a warehouse in memory; `without_dbt` lets everything else build real files like that.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import SEPTEMBER, Readings, Row, World, freeze, load, write_config

from cspbill import corrections, dbt, dirty_periods, rating, warehouse
from cspbill.book import read_book, store_book
from cspbill.compiled import Model, keep, models_after_charges, read_models
from cspbill.settings import Settings
from quality.identities import check_identities

VENDORS = ("focus", "aws_cur", "azure_cost", "gcp_billing", "partner_center")
DBT_BUILD = dbt.build
SCHEMAS = ("staging", "intermediate", "marts")


class Project:
    """The compiled models in the order in which they build. No dataclass: a failing example would print them all."""

    def __init__(
        self, models: tuple[Model, ...], after_charges: tuple[Model, ...], tests: dict[str, str]
    ) -> None:
        self.models = models
        self.after_charges = after_charges
        self.tests = tests

    @classmethod
    def read(cls, manifest: Path, *vendors: str) -> Project:
        """Read what rating needs: files in FOCUS and of ``vendors``, everything after staging, no published views."""
        found = json.loads(manifest.read_text("utf-8"))
        needed = _needed(found, {"focus", *vendors})
        return cls(
            read_models(found, lambda node: node["unique_id"] in needed),
            models_after_charges(found),
            dict(_data_tests(found, needed)),
        )


def _needed(manifest: dict[str, Any], vendors: set[str]) -> set[str]:
    models = {key: node["fqn"] for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    return {
        key
        for key, (_, folder, part, *_) in models.items()
        if folder != "publish" and (folder != "staging" or part in vendors)
    }


def _data_tests(manifest: dict[str, Any], needed: set[str]) -> Iterator[tuple[str, str]]:
    """The compiled data tests of nothing but the models that are needed."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and needed.issuperset(node["depends_on"].get("nodes", [])):
            yield node["name"], node["compiled_code"]


@dataclass
class Memory(Readings):
    """A warehouse in memory that rates a world by the compiled SQL; rate it again and it is restated."""

    project: Project
    today: dt.date = dt.date(2024, 10, 5)
    connection: duckdb.DuckDBPyConnection = field(init=False)
    is_built: bool = False

    def __post_init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "attach ':memory:' as warehouse; use warehouse; set TimeZone = 'UTC'; set threads = 1"
        )
        for name in warehouse.SCHEMA_FILES:
            text = resources.files("cspbill").joinpath("schema", name).read_text("utf-8")
            self.connection.execute(text)
        for schema in SCHEMAS:
            self.connection.execute(f"create schema {schema}")

    def rate(self, world: World, *, check: bool = True) -> Memory:
        """Store the book, load what changed of the vendor rows, build, and prove the identities of R10."""
        with tempfile.TemporaryDirectory() as folder:
            beside = Settings(home=Path(folder) / "home", config=Path(folder) / "config", today=self.today)
            write_config(beside.config, world)
            store_book(self.connection, read_book(beside.config))
            self._load_and_build(world)
            if self._rerate(beside):
                self._load_and_build(world)
        if check:
            check_identities(self.connection)
        return self

    def _load_and_build(self, world: World) -> None:
        for (source, period), rows in world.charges.items():
            load(self.connection, world, source, period, rows)
        wanted = dirty_periods.period_fingerprints(self.connection, self.today)
        dirty_periods.mark_dirty(self.connection, wanted, everything=not self.is_built)
        self._build()
        rating._remember(self.connection, wanted, dbt.project_fingerprint())

    def _rerate(self, beside: Settings) -> bool:
        """Rate issued months again where that is due, as `cspbill.corrections` does, in a copy on disk."""
        wanted, known = corrections._wanted(self.connection), corrections._known(self.connection)
        if known == {each.month: (each.inputs, each.book_sha256) for each in wanted}:
            return False
        beside.home.mkdir()
        keep_compiled(self.project, beside)
        self._copied(beside.warehouse, "copy from database warehouse to beside")
        corrections.rerate_changed(beside)
        for table in ("month", "charge", "line"):
            again = f"delete from rerated.{table}; insert into rerated.{table} by name from beside.rerated.{table}"
            self._copied(beside.warehouse, again)
        return True

    def _copied(self, file: Path, statements: str) -> None:
        self.connection.execute(f"attach '{file}' as beside; {statements}; detach beside")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return a query's rows by column name."""
        found = self.connection.execute(sql, list(values))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def issue(self, number: str, customer_id: str, period: dt.date = SEPTEMBER) -> None:
        """Freeze a draft in the ledger as issuing does, without rendering any file."""
        freeze(self.connection, number, customer_id, period)

    def _build(self) -> None:
        build(self.connection, self.project, is_built=self.is_built)
        self.is_built = True


def build(connection: duckdb.DuckDBPyConnection, project: Project, *, is_built: bool) -> None:
    """Run the compiled models as `dbt build` would: from the start, or what is dirty."""
    for model in project.models:
        for statement in _statements(model, is_built=is_built):
            connection.execute(statement)
        if model.name == "stg_focus__charges":
            _leave_out_other_vendors(connection, project)


def _statements(model: Model, *, is_built: bool) -> list[str]:
    if not is_built:
        kind = "view" if model.kind == "view" else "table"
        create = f"create or replace {kind} {model.relation} as {model.sql}"
        return [create]
    if model.kind == "view":
        return []
    if model.kind == "deliveries":
        key, dirty = "(source, scope, billing_period)", "from ops.dirty_delivery"
        fresh = f"from ({model.sql}) where delivery_id in (select delivery_id {dirty})"
        return [
            f"delete from {model.relation} where {key} in (select {key} {dirty})",
            f"insert into {model.relation} {fresh}",
        ]
    return model.statements()


def _leave_out_other_vendors(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    built = {model.name for model in project.models}
    for name in {f"stg_{vendor}__charges" for vendor in VENDORS} - built:
        connection.execute(
            f"create table if not exists staging.{name} as from staging.stg_focus__charges limit 0"
        )


def keep_compiled(project: Project, settings: Settings) -> None:
    """Put the compiled models where a what-if looks for them."""
    keep(settings, project.after_charges)


@contextmanager
def without_dbt(project: Callable[[], Project]) -> Iterator[None]:
    """Let everything be the real thing except that dbt's builds run the SQL that it compiled once, data tests too."""

    def built(settings: Settings, _lock: int, *, full_refresh: bool = False) -> Path:
        with closing(warehouse.open_file(settings)) as connection, warehouse.transaction(connection):
            connection.execute("set threads = 1")
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            build(connection, project(), is_built=not full_refresh)
            failing = [name for name, sql in project().tests.items() if connection.execute(sql).fetchone()]
            assert failing == []
        with closing(duckdb.connect(str(settings.warehouse))) as connection:
            connection.execute(
                "checkpoint"
            )  # as dbt's process does at its end: else each opening replays the log
        if full_refresh:
            keep_compiled(project(), settings)
        return settings.logs

    with _building_by(built):
        yield


def by_dbt_itself() -> AbstractContextManager[None]:
    """Let dbt build as in production, also where `without_dbt` is around."""
    return _building_by(DBT_BUILD)


@contextmanager
def _building_by(build_: Callable[..., Path]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "build", build_)
        yield
