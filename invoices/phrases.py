"""Phrases that the rating models write in English, in the document's language and number format.

The ledger keeps one wording (``2 resources in 1 account``); only print translates it. Any other text, such as a
description from the book of business, is printed as it stands.
"""

from __future__ import annotations

import re
from decimal import Decimal

from invoices.formats import Formats
from invoices.labels import LANGUAGES

_PHRASES = (
    ("1 resource in 1 account", "1 Ressource in 1 Konto", "1 ressource dans 1 compte"),
    ("{n} resources in 1 account", "{n} Ressourcen in 1 Konto", "{n} ressources dans 1 compte"),
    ("{n} resources in {n} accounts", "{n} Ressourcen in {n} Konten", "{n} ressources dans {n} comptes"),
    ("{p} of {m}", "{p} von {m}", "{p} de {m}"),
    (
        "once per billing period with any use",
        "einmal je Abrechnungszeitraum mit Nutzung",
        "une fois par période avec utilisation",
    ),
    (
        "part of a price per billing period",
        "Teil eines Preises je Abrechnungszeitraum",
        "part d’un prix par période",
    ),
    ("{a} {u} included", "{a} {u} inklusive", "{a} {u} inclus"),
    ("{u}, credit", "{u}, Gutschrift", "{u}, avoir"),
    ("{u}, adjustment", "{u}, Korrektur", "{u}, régularisation"),
    ("period", "Periode", "période"),
)
_PLACES = {
    "{n}": r"(\d+)",
    "{p}": r"(\d+(?:\.\d+)?) %",
    "{m}": r"(-?\d+(?:\.\d+)?)",
    "{a}": r"(\d+(?:\.\d+)?)",
    "{u}": r"(.+)",
}


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w\}", lambda place: _PLACES[str(place.group())], phrase))


_COMPILED = tuple((_pattern(words[0]), words) for words in _PHRASES)


def translated(text: str | None, formats: Formats) -> str | None:
    """``text`` in the document's language where it is a known phrase, else as it is."""
    for pattern, words in _COMPILED:
        found = pattern.fullmatch(text or "")
        if found:
            return _filled(words[LANGUAGES.index(formats.language)], found.groups(), formats)
    return text


def _filled(phrase: str, values: tuple[str, ...], formats: Formats) -> str:
    for value in values:
        place = phrase[phrase.index("{") : phrase.index("}") + 1]
        phrase = phrase.replace(place, _formatted(place, value, formats), 1)
    return phrase


def _formatted(place: str, value: str, formats: Formats) -> str:
    if place == "{u}":
        return value
    number = Decimal(value)
    if place == "{p}":
        return formats.percent(number)
    return formats.money(number) if place == "{m}" else formats.quantity(number)
