"""The readable page of gate 1 on one delivery: self-contained, everything in it escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cspbill import atomic
from cspbill.settings import Settings
from extractors import periods
from extractors.names import shown
from quality.evidence import Evidence
from quality.gate import Verdict

if TYPE_CHECKING:
    from jinja2 import Template


def path_of(settings: Settings, one: Evidence) -> Path:
    """Return where the page of a delivery lies."""
    return settings.logs / "gates" / one.source / periods.label(one.period) / f"{one.delivery_id}.html"


def write(settings: Settings, one: Evidence, verdict: Verdict) -> Path:
    """Write the page to the logs, and beside a refused delivery as ``report.html``."""
    page = render(one, verdict)
    path = path_of(settings, one)
    atomic.write_text(path, page)
    if not verdict.passed:
        atomic.write_text(one.folder.parent / "report.html", page)
    return path


def render(one: Evidence, verdict: Verdict) -> str:
    """Return the page as HTML."""
    currencies = sorted({*one.totals, *(one.statement.totals or {})})
    return _template().render(
        delivery=one,
        verdict=verdict,
        period=periods.label(one.period),
        totals=[
            (
                currency,
                one.totals.get(currency),
                (one.statement.totals or {}).get(currency),
                one.difference(currency),
            )
            for currency in currencies
        ],
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("quality", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["shown"] = shown
    return environment.get_template("report.html.j2")
