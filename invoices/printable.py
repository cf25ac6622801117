"""Untrusted text made safe and short enough for print. The JSON document keeps it as it came."""

from __future__ import annotations

import re
import unicodedata

DESCRIPTION_LIMIT = 160
LONGEST_WORD = 28
# Zero-width joiners shape scripts; every other control or format character could reorder or hide print.
_KEPT_FORMATS = frozenset("\u200c\u200d")
_DROPPED = {"Cc": " ", "Cf": "", "Cs": "", "Co": "\ufffd", "Cn": "\ufffd", "Zl": " ", "Zp": " "}


def printable(text: str | None, limit: int = DESCRIPTION_LIMIT) -> str:
    """One line without control characters, shortened with ``…``, long words given places to break."""
    return re.sub(rf"\S{{{LONGEST_WORD},}}", _breakable, one_line(text, limit))


def one_line(text: str | None, limit: int = DESCRIPTION_LIMIT) -> str:
    """One line without control characters, shortened with ``…``."""
    if not text:
        return ""
    # Cut first: cleaning ten megabytes to print 160 characters would be slow.
    kept = text[: 4 * limit]
    cleaned = kept if kept.isprintable() else "".join(map(_character, kept))
    line = re.sub(r" {2,}", " ", cleaned).strip()
    if len(line) > limit or len(text) > 4 * limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def _character(character: str) -> str:
    if character in _KEPT_FORMATS:
        return character
    return _DROPPED.get(unicodedata.category(character), character)


def _breakable(word: re.Match[str]) -> str:
    text = word.group()
    return "\u200b".join(text[at : at + LONGEST_WORD] for at in range(0, len(text), LONGEST_WORD))
