"""Extractor of kind ``gcp_bigquery``: a billing export's table in BigQuery, or files that were exported from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cspbill.book import Source
from extractors.contract import Contract
from extractors.gcp_bigquery.billing_export import GCP_BILLING
from extractors.gcp_bigquery.folder import ExportedFiles
from extractors.protocol import Discovery, RemoteFile

if TYPE_CHECKING:
    from extractors.gcp_bigquery.bigquery_tables import BigQueryTables


@dataclass(frozen=True)
class GcpBigQuery:
    """Reads ``path`` where it is given, else ``table``; see ``SOURCE_OPTIONS`` for the other options."""

    source: Source
    state: Path

    @property
    def contract(self) -> Contract:
        """Google's billing exports."""
        return GCP_BILLING

    def discover(self, period: dt.date | None) -> Discovery:
        """List the deliveries by billing account and invoice month."""
        return self._origin.discover(period)

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Write a file's bytes to ``sink``."""
        self._origin.fetch(file, sink)

    @cached_property
    def _origin(self) -> ExportedFiles | BigQueryTables:
        if self.source.options.get("path"):
            return ExportedFiles(self.source)
        from extractors.gcp_bigquery.bigquery_tables import BigQueryTables

        return BigQueryTables(self.source, self.state)
