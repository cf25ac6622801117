"""Write the margin dashboard: data, style and script in one HTML file that never asks a network for anything.

published/warehouse-….duckdb (read-only) ──data.read──> JSON ──templates/──> published/dashboards/index.html
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from importlib import resources
from pathlib import Path

import duckdb

from cspbill.settings import Settings
from invoices.dashboards import data

SCRIPTS = (
    "money.js",
    "model.js",
    "charts.js",
    "table.js",
    "figures.js",
    "margin.js",
    "control.js",
    "summary.js",
    "page.js",
)
PLAIN_BYTES = 1_000_000  # larger data is compressed: digits shrink to less than half

# Inside a script element only these could end it or start markup; the last two end a line in old parsers.
_JSON_ESCAPED = "<>&\u2028\u2029"


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
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("invoices.dashboards"), autoescape=True, undefined=StrictUndefined
    )
    style = _file("dashboard.css")
    script = '(() => {\n"use strict";\n' + "\n".join(map(_file, SCRIPTS)) + "})();\n"
    encoding, payload = encode(contents)
    return environment.get_template("dashboard.html.j2").render(
        about=contents["about"],
        style=Markup(style),  # noqa: S704 - a file of ours
        style_hash=_csp_hash(style),
        script=Markup(script),  # noqa: S704 - files of ours
        script_hash=_csp_hash(script),
        encoding=encoding,
        payload=Markup(payload),  # noqa: S704 - escaped by encode
    )


def encode(contents: data.Data) -> tuple[str, str]:
    """Give (encoding, text) of the data: ``json``, or ``gzip`` (as base64) where that would be large."""
    text = json.dumps(contents, ensure_ascii=False, separators=(",", ":"))
    for character in _JSON_ESCAPED:
        text = text.replace(character, f"\\u{ord(character):04x}")
    if len(text) <= PLAIN_BYTES:
        return "json", text
    return "gzip", base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def _file(name: str) -> str:
    return resources.files("invoices.dashboards").joinpath("templates", name).read_text("utf-8")


def _csp_hash(text: str) -> str:
    """Name one inline block in the content security policy; any other block stays unexecuted."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
