"""A BigQuery emulator on free ports of loopback, and billing export tables in it.

What it cannot do is worked around here: days of arrival are a real column (`_PARTITIONTIME` is always the moment of
loading), and amounts go into FLOAT and NUMERIC columns through the API (its CAST keeps three decimals).
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.processes import free_port, running
from emulators.required import EMULATORS, need
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

PROJECT = "test-project"
DAY = "_partition_date"
SCHEMAS = Path(__file__).resolve().parents[1] / "data" / "gcp" / "schemas"
_NUMBERS = itertools.count()

Row = dict[str, Any]


@dataclass
class BigQuery:
    """A running emulator; ``url`` is what a source's endpoint_url takes."""

    url: str
    client: bigquery.Client

    def dataset(self) -> str:
        """Create a dataset of its own for one test and return project.dataset."""
        name = f"{PROJECT}.billing_{next(_NUMBERS)}"
        self.client.create_dataset(name)
        return name

    def table(self, name: str, schema: Sequence[bigquery.SchemaField]) -> ExportTable:
        """Create an empty export table."""
        self.client.create_table(bigquery.Table(name, schema=schema))
        return ExportTable(self.client, name, list(schema))


@dataclass
class ExportTable:
    """A billing export's table as Google fills it: rows are only ever added."""

    client: bigquery.Client
    name: str
    schema: list[bigquery.SchemaField]
    rows: list[Row] = field(default_factory=list)

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows; the day of arrival is that of export_time unless the row says another."""
        new = [{DAY: row["export_time"][:10], **row} for row in rows]
        config = bigquery.LoadJobConfig(
            schema=self.schema, source_format="NEWLINE_DELIMITED_JSON", write_disposition="WRITE_APPEND"
        )
        # Without a size the SDK sends the rows as the resumable upload that the emulator takes.
        lines = io.BytesIO("\n".join(map(json.dumps, new)).encode())
        self.client.load_table_from_file(lines, self.name, job_config=config).result()
        self.rows += new

    def replace(self, rows: Sequence[Row]) -> None:
        """Put other rows in the place of all."""
        self.client.delete_table(self.name)
        self.client.create_table(bigquery.Table(self.name, schema=self.schema))
        self.rows = []
        self.add(rows)


def schema(
    export: str, extra: Sequence[Mapping[str, Any]] = (), numeric: Collection[str] = ()
) -> list[bigquery.SchemaField]:
    """Return the fields of a published export schema, `extra` ones and the day of arrival; `numeric` are NUMERIC."""
    fields = json.loads((SCHEMAS / f"{export}.schema.json").read_text("utf-8"))
    day = {"name": DAY, "type": "DATE", "mode": "NULLABLE"}
    return [bigquery.SchemaField.from_api_repr(_typed(one, numeric)) for one in [*fields, *extra, day]]


def _typed(one: Mapping[str, Any], numeric: Collection[str]) -> dict[str, Any]:
    inner = [_typed(field, numeric if one["name"] == "credits" else ()) for field in one.get("fields", ())]
    return {**one, "type": "NUMERIC" if one["name"] in numeric else one["type"], "fields": inner}


@contextmanager
def running_bigquery() -> Iterator[BigQuery]:
    """Run the emulator for as long as the context lasts."""
    python = need(EMULATORS / "bigquery/bin/python", "the BigQuery emulator")
    rest, grpc = free_port(), free_port()
    launcher = Path(__file__).with_name("bigquery_launcher.py")
    options = ["--rest-port", str(rest), "--grpc-port", str(grpc), "--project", PROJECT, "--ephemeral"]
    command = [str(python), str(launcher), "start", *options]
    with running("bqemulator", command, rest):
        url = f"http://127.0.0.1:{rest}"
        with bigquery.Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=url),
        ) as client:
            yield BigQuery(url, client)
