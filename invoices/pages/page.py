"""Put data, style and scripts into one file. What all pages share lies in ``templates/`` beside this module."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup

Data = dict[str, Any]

SHARED = "invoices.pages"
SHARED_SCRIPTS = ("money.js", "data.js", "drawing.js", "table.js", "figures.js", "printing.js")
SHARED_STYLES = ("page.css",)
PLAIN_BYTES = 1_000_000  # larger data is compressed: digits shrink to less than half

# Inside a script element only these could end it or start markup; the last two end a line in old parsers.
_JSON_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


@dataclass(frozen=True)
class Page:
    """A kind of page: its template, and its scripts and styles after the shared ones; all in its package."""

    package: str
    template: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ()


def render(page: Page, contents: Data, **words: object) -> str:
    """Return the page for ``contents``; ``words`` are what its template says outside the data."""
    style, script = _blocks(page)
    encoding, payload = encode(contents)
    html: str = _template(page).render(
        style=Markup(style),  # noqa: S704 - files of ours
        style_hash=_csp_hash(style),
        script=Markup(script),  # noqa: S704 - files of ours
        script_hash=_csp_hash(script),
        encoding=encoding,
        payload=Markup(payload),  # noqa: S704 - escaped by encode
        **words,
    )
    return html


def encode(contents: Data) -> tuple[str, str]:
    """Give (encoding, text) of the data: ``json``, or ``gzip`` (as base64) where that would be large."""
    text = json.dumps(contents, ensure_ascii=False, separators=(",", ":")).translate(_JSON_ESCAPED)
    if len(text) <= PLAIN_BYTES:
        return "json", text
    return "gzip", base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def script_of(package: str, names: tuple[str, ...]) -> str:
    """Return a package's scripts as one text."""
    return "\n".join(_file(package, name) for name in names)


@cache
def _blocks(page: Page) -> tuple[str, str]:
    style = "".join(_file(SHARED, name) for name in SHARED_STYLES)
    style += "".join(_file(page.package, name) for name in page.styles)
    scripts = f"{script_of(SHARED, SHARED_SCRIPTS)}\n{script_of(page.package, page.scripts)}"
    return style, '(() => {\n"use strict";\n' + scripts + "})();\n"


@cache
def _template(page: Page) -> Any:  # noqa: ANN401 - Jinja's template
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader(page.package), PackageLoader(SHARED)])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.get_template(page.template)


def _file(package: str, name: str) -> str:
    return resources.files(package).joinpath("templates", name).read_text("utf-8")


@cache
def _csp_hash(text: str) -> str:
    """Name one inline block in the content security policy; any other block stays unexecuted."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
