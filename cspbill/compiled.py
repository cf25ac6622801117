"""The models as dbt compiles them, run over a scratch warehouse: one set of pricing rules for bills and what-ifs.

dbt needs seconds to start and to build; a what-if rates a month of one customer, often several times. So dbt only
compiles, once per version of the project. Nothing but how a model reaches its table is done here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from cspbill import atomic, dbt, warehouse
from cspbill.scratch import scratch
from cspbill.settings import Settings

#: What is read of a what-if; everything that these need is built, from the daily charges on.
WANTED = ("fct_invoice", "fct_invoice_line", "fct_margin_daily", "fct_rated_charge", "fct_unpriced_charge")
GIVEN = "int_charges__daily"


@dataclass(frozen=True)
class Model:
    """A compiled model.

    ``kind``: view; table; periods (a table of which only the dirty periods are replaced); deliveries (a table that
    follows vendors' deliveries, whatever the book says).
    """

    name: str
    schema: str
    kind: str
    sql: str

    @property
    def relation(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"

    def statements(self) -> list[str]:
        """Return the SQL that brings the model up to date."""
        if self.kind == "deliveries":
            return []
        if self.kind == "periods":
            return [
                f"delete from {self.relation} where billing_period in (from ops.dirty_period)",
                f"insert into {self.relation} by name {self.sql}",
            ]
        return [f"create or replace {self.kind} {self.relation} as {self.sql}"]


def compiled_models(settings: Settings) -> tuple[Model, ...]:
    """Return the models after the daily charges, in the order in which they build."""
    known = atomic.read_json(_cache(settings))
    if known and known["version"] == _version():
        return tuple(Model(**model) for model in known["models"])
    models = _compile(settings)
    keep(settings, models)
    return models


def keep(settings: Settings, models: Iterable[Model]) -> None:
    """Keep the models for the next time that somebody asks."""
    atomic.write_json(
        _cache(settings), {"version": _version(), "models": [asdict(model) for model in models]}
    )


def keep_built(settings: Settings) -> None:
    """Keep what the full build that has just ended compiled: dbt need not be started for it again.

    Where dbt was told to write no manifest, the models are compiled when they are first asked for.
    """
    manifest = atomic.read_json(settings.home / "dbt_target" / "manifest.json")
    if manifest:
        keep(settings, models_after_charges(manifest))


def models_after_charges(manifest: Mapping[str, Any]) -> tuple[Model, ...]:
    """Return what a what-if builds: what it reads and what that needs, from the daily charges on."""
    wanted = _upstream(manifest, WANTED) - _upstream(manifest, [GIVEN])
    return read_models(manifest, lambda node: node["unique_id"] in wanted)


def _upstream(manifest: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [f"model.cspbill.{name}" for name in names]
    while waiting:
        key = waiting.pop()
        if key not in found and key in manifest["nodes"]:
            found.add(key)
            waiting += manifest["nodes"][key]["depends_on"].get("nodes", [])
    return frozenset(found)


def _cache(settings: Settings) -> Path:
    return settings.home / "dbt_target" / "compiled_models.json"


def _version() -> str:
    return f"{dbt.project_fingerprint()} {' '.join(WANTED)}"


def _compile(settings: Settings) -> tuple[Model, ...]:
    """Let dbt compile in a folder of its own, beside an empty warehouse, so that nobody has to wait for it."""
    with scratch(settings) as folder:
        beside = Settings(home=folder, config=settings.config, today=settings.today)
        with warehouse.connect(beside):
            pass  # dbt looks for our schemas
        select = ["--select", *(f"+{name},resource_type:model" for name in WANTED), "--exclude", f"+{GIVEN}"]
        dbt.run(beside, ["compile", "--full-refresh", *select], logs=settings.logs)
        manifest = json.loads((folder / "dbt_target" / "manifest.json").read_text("utf-8"))
    return models_after_charges(manifest)


def read_models(
    manifest: Mapping[str, Any], is_wanted: Callable[[Mapping[str, Any]], bool]
) -> tuple[Model, ...]:
    """Return the models of dbt's manifest that are wanted, in the order in which they build."""
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and is_wanted(node)
    }
    return tuple(_model(nodes[key]) for key in _in_order(nodes))


def _in_order(nodes: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    graph = {
        key: [need for need in node["depends_on"]["nodes"] if need in nodes] for key, node in nodes.items()
    }
    return TopologicalSorter(graph).static_order()


def _model(node: Mapping[str, Any]) -> Model:
    hooks = " ".join(hook["sql"] for hook in node["config"]["pre-hook"])
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    kind = next((each for each in ("deliveries", "periods") if f"delete_dirty_{each}" in hooks), kind)
    return Model(node["name"], node["schema"], kind, node["compiled_code"])
