"""Which extractor reads which kind of source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from cspbill.book import Source
from cspbill.settings import Settings
from extractors.aws.extractor import AwsExports
from extractors.azure_export.extractor import AzureExport
from extractors.contract import Contract
from extractors.focus_files.extractor import FocusFiles
from extractors.gcp_bigquery.extractor import GcpBigQuery
from extractors.partner_center.extractor import PartnerCenter
from extractors.protocol import Extractor

#: Each takes the source and a folder for what it wants to remember between runs (it may be lost, or not be there).
EXTRACTORS: Mapping[str, Callable[[Source, Path], Extractor]] = MappingProxyType(
    {
        "aws_cur": AwsExports,
        "aws_focus": AwsExports,
        "azure_export": AzureExport,
        "focus_files": FocusFiles,
        "gcp_bigquery": GcpBigQuery,
        "partner_center": PartnerCenter,
    }
)


def extractor_for(settings: Settings, source: Source) -> Extractor:
    """Return the extractor of a configured source."""
    return EXTRACTORS[source.kind](source, settings.landing / source.name / ".state")


def contract_for(settings: Settings, source: Source) -> Contract:
    """Return how the rows of a configured source look."""
    return extractor_for(settings, source).contract
