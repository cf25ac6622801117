"""PDF by Typst: tagged PDF/A-3a, the same bytes on every machine.

Determinism rests on three things: only Typst's own fonts are used, the document carries its date as data, and
the creation time is that date. Text reaches the template as JSON strings, which Typst never parses as markup.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, cast

from cspbill.errors import CspbillError
from invoices.einvoice.marked import FILE_NAME, marked
from invoices.model import Document
from invoices.present import view

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Final = "a-3a"
REPLACEMENT = "\ufffd"
_PROBE = b'#set text(font: "Libertinus Serif")\n#sys.inputs.data #strong(sys.inputs.data)'


class Renderer:
    """One Typst compiler for many documents; use as a context manager. Its scratch folder lies ``within`` another."""

    def __init__(self, assets: Path, within: Path | None = None) -> None:
        self._assets = assets
        self._within = within
        self._unprintable: dict[str, bool] = {}

    def __enter__(self) -> Self:
        self._root = Path(tempfile.mkdtemp(prefix="cspbill-", dir=self._within))
        for template in TEMPLATES.glob("*.typ"):
            shutil.copy(template, self._root)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._root, ignore_errors=True)

    @cached_property
    def _compiler(self) -> typst.Compiler:
        import typst

        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
        return typst.Compiler(
            self._root / "document.typ", root=self._root, font_paths=fonts, ignore_system_fonts=True
        )

    def render(self, document: Document, draft_date: dt.date, einvoice: bytes | None = None) -> bytes:
        """Print a document; ``draft_date`` dates a draft, which has no issue date; ``einvoice`` is CII to attach."""
        content = view(document)
        self._bring_logo(content["logo"])
        day = document.header.issue_date or draft_date
        content["date"] = [day.year, day.month, day.day]
        inputs = {"data": json.dumps(content, ensure_ascii=False)}
        if einvoice is None:
            return self._print(inputs, day, content["title"])
        attached = inputs | {"einvoice": einvoice.decode("utf-8"), "einvoice_name": FILE_NAME}
        return marked(self._print(attached, day, content["title"]))

    def _print(self, inputs: dict[str, str], day: dt.date, title: str) -> bytes:
        try:
            return self._compile(inputs, day)
        except _typst_error():
            # PDF/A forbids text that no embedded font can show: such characters get a replacement mark.
            return self._compile_shown(inputs, day, title)

    def _compile_shown(self, inputs: dict[str, str], day: dt.date, title: str) -> bytes:
        try:
            return self._compile(inputs | {"data": self._shown(inputs["data"])}, day)
        except _typst_error() as error:
            raise CspbillError(f"{title} cannot be printed: {error}") from None

    def _compile(self, inputs: dict[str, str], day: dt.date) -> bytes:
        noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
        pdf = self._compiler.compile(
            self._root / "document.typ",
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=STANDARD,
            timestamp=noon,
        )
        return cast("bytes", pdf)

    def _bring_logo(self, name: str) -> None:
        if not name or (self._root / name).exists():
            return
        source = self._assets / name
        if not source.exists():
            raise CspbillError(
                f"The logo {source} is missing; documents that show it cannot be printed again."
            )
        shutil.copy(source, self._root / name)

    def _shown(self, data: str) -> str:
        marks = {character for character in data if not character.isascii()}
        return data.translate({ord(c): REPLACEMENT for c in marks if self._is_unprintable(c)})

    def _is_unprintable(self, character: str) -> bool:
        if character not in self._unprintable:
            try:
                self._compiler.compile(
                    _PROBE, sys_inputs={"data": character}, pdf_standards=STANDARD, timestamp=0
                )
            except _typst_error():
                self._unprintable[character] = True
            else:
                self._unprintable[character] = False
        return self._unprintable[character]


def _typst_error() -> type[Exception]:
    import typst

    error: type[Exception] = typst.TypstError
    return error
