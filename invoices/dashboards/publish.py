"""Write the margin dashboard: data, style and script in one HTML file that never asks a network for anything.

published/warehouse-….duckdb (read-only) ──data.read──> JSON ──pages.render──> published/dashboards/index.html
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from cspbill.settings import Settings
from invoices import pages
from invoices.dashboards import data

PAGE = pages.Page(
    "invoices.dashboards",
    "dashboard.html.j2",
    ("model.js", "charts.js", "margin.js", "control.js", "summary.js", "page.js"),
    ("dashboard.css",),
)


def publish_dashboard(settings: Settings, snapshot: Path) -> Path:
    """Write ``published/dashboards/index.html`` from ``snapshot`` (opened read-only) and return its path.

    The same snapshot gives the same bytes. One rename swaps the file in: a reader never gets half a page.
    """
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        page = render(data.read(connection))
    target = settings.published / "dashboards" / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".index.html.{os.getpid()}")
    incoming.write_text(page, "utf-8")
    incoming.replace(target)
    return target


def render(contents: data.Data) -> str:
    """Put data, style and script into the page's template."""
    about = contents["about"]
    heading, seller = "Margin and revenue", about["legal_name"]
    return pages.render(
        PAGE,
        contents,
        language="en",
        title=f"{heading} · {seller}" if seller else heading,
        seller=seller or "cspbill",
        heading=heading,
        opening="Opening …",
        without_script="This page draws its charts with JavaScript; nothing is fetched from a network. Please allow "
        f"scripts for this file, or open the tables in the snapshot {about['snapshot_name']}.",
    )
