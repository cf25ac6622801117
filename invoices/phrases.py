"""Phrases that the rating models write in English, in the document's language and number format.

The ledger keeps one wording (``2 resources in account web``); only print translates it. Any other text, such as a
description from the book of business, is printed as it stands.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from invoices.formats import Formats
from invoices.labels import LANGUAGES

_PHRASES = (
    # Documents that were issued before accounts were named say how many there are.
    (
        "1 resource in 1 account",
        "1 Ressource in 1 Konto",
        "1 ressource dans 1 compte",
        "1 recurso en 1 cuenta",
    ),
    (
        "{n} resources in 1 account",
        "{n} Ressourcen in 1 Konto",
        "{n} ressources dans 1 compte",
        "{n} recursos en 1 cuenta",
    ),
    (
        "1 resource in account {u}",
        "1 Ressource in Konto {u}",
        "1 ressource dans le compte {u}",
        "1 recurso en la cuenta {u}",
    ),
    (
        "{n} resources in account {u}",
        "{n} Ressourcen in Konto {u}",
        "{n} ressources dans le compte {u}",
        "{n} recursos en la cuenta {u}",
    ),
    (
        "{n} resources in {n} accounts",
        "{n} Ressourcen in {n} Konten",
        "{n} ressources dans {n} comptes",
        "{n} recursos en {n} cuentas",
    ),
    ("{p} of {m}", "{p} von {m}", "{p} de {m}", "{p} de {m}"),
    (
        "{p} of {m}, at most {m}",
        "{p} von {m}, höchstens {m}",
        "{p} de {m}, au plus {m}",
        "{p} de {m}, como máximo {m}",
    ),
    (
        "once per billing period with any use",
        "einmal je Abrechnungszeitraum mit Nutzung",
        "une fois par période avec utilisation",
        "una vez por período de facturación con consumo",
    ),
    (
        "part of a price per billing period",
        "Teil eines Preises je Abrechnungszeitraum",
        "part d’un prix par période",
        "parte de un precio por período de facturación",
    ),
    ("{a} {u} included", "{a} {u} inklusive", "{a} {u} inclus", "{a} {u} incluidos"),
    (
        "{a} {u} less {a} included, in packages of {a}",
        "{a} {u} abzüglich {a} inklusive, in Paketen zu {a}",
        "{a} {u} moins {a} inclus, par lots de {a}",
        "{a} {u} menos {a} incluidos, en paquetes de {a}",
    ),
    (
        "{a} {u} in packages of {a}",
        "{a} {u} in Paketen zu {a}",
        "{a} {u} par lots de {a}",
        "{a} {u} en paquetes de {a}",
    ),
    ("tiers: {t}", "Staffeln: {t}", "paliers : {t}", "tramos: {t}"),
    ("tiers in {c}: {t}", "Staffeln in {c}: {t}", "paliers en {c} : {t}", "tramos en {c}: {t}"),
    ("volume price", "Mengenpreis", "prix de volume", "precio por volumen"),
    ("volume price: {t}", "Mengenpreis: {t}", "prix de volume : {t}", "precio por volumen: {t}"),
    (
        "volume price in {c}: {t}",
        "Mengenpreis in {c}: {t}",
        "prix de volume en {c} : {t}",
        "precio por volumen en {c}: {t}",
    ),
    (
        "priced together with other lines of this invoice",
        "zusammen mit anderen Posten dieser Rechnung bepreist",
        "tarifé avec d’autres lignes de cette facture",
        "precio calculado junto con otras líneas de esta factura",
    ),
    ("package", "Paket", "lot", "paquete"),
    ("Discount", "Rabatt", "Remise", "Descuento"),
    (
        "minimum of {m} per billing period",
        "Mindestbetrag {m} je Abrechnungszeitraum",
        "minimum de {m} par période",
        "mínimo de {m} por período de facturación",
    ),
    (
        "maximum of {m} per billing period",
        "Höchstbetrag {m} je Abrechnungszeitraum",
        "maximum de {m} par période",
        "máximo de {m} por período de facturación",
    ),
    ("{u}, credit", "{u}, Gutschrift", "{u}, avoir", "{u}, abono"),
    ("{u}, adjustment", "{u}, Korrektur", "{u}, régularisation", "{u}, ajuste"),
    ("period", "Periode", "période", "período"),
    ("unit", "Stück", "unité", "unidad"),
    ("once", "einmalig", "une fois", "pago único"),
    ("one month", "ein Monat", "un mois", "un mes"),
    ("one year", "ein Jahr", "un an", "un año"),
    ("three years", "drei Jahre", "trois ans", "tres años"),
    ("{n} of {n} days", "{n} von {n} Tagen", "{n} jours sur {n}", "{n} de {n} días"),
    (
        "refund of {n} of {n} days",
        "Erstattung von {n} von {n} Tagen",
        "remboursement de {n} jours sur {n}",
        "devolución de {n} de {n} días",
    ),
    ("as invoiced", "wie berechnet", "comme facturé", "según lo facturado"),
    ("extended term, +{p}", "verlängerte Laufzeit, +{p}", "durée prolongée, +{p}", "plazo prolongado, +{p}"),
    ("Minimum commitment", "Mindestabnahme", "Engagement minimum", "Compromiso mínimo"),
    ("Spend cap", "Ausgabenobergrenze", "Plafond de dépenses", "Límite de gasto"),
    ("{m} committed", "{m} zugesagt", "{m} engagés", "{m} comprometidos"),
    ("at most {m}", "höchstens {m}", "au plus {m}", "como máximo {m}"),
    ("{d} to {d}", "{d} bis {d}", "{d} au {d}", "{d} al {d}"),
    ("{n} contracts", "{n} Verträge", "{n} contrats", "{n} contratos"),
    (
        "{n} of {n} days of {m}",
        "{n} von {n} Tagen von {m}",
        "{n} jours sur {n} de {m}",
        "{n} de {n} días de {m}",
    ),
    (
        "{n} of {n} days of {m} {c}",
        "{n} von {n} Tagen von {m} {c}",
        "{n} jours sur {n} de {m} {c}",
        "{n} de {n} días de {m} {c}",
    ),
    ("{m} {c}", "{m} {c}", "{m} {c}", "{m} {c}"),
    ("{m} instead of {m}", "{m} statt {m}", "{m} au lieu de {m}", "{m} en lugar de {m}"),
    ("{m} spent", "{m} verbraucht", "{m} consommés", "{m} consumidos"),
)
_PLACES = {
    "{n}": r"(\d+)",
    "{p}": r"(\d+(?:\.\d+)?) %",
    "{m}": r"(-?\d+(?:\.\d+)?)",
    "{a}": r"(\d+(?:\.\d+)?)",
    "{u}": r"(.+)",
    "{c}": r"([A-Z]{3})",
    "{t}": r"(-?\d[\d.×+ -]*)",
    "{d}": r"(\d{4}-\d{2}-\d{2})",
}


#: What a line covers, and the bound of its rule that its amount has reached, or the surcharge of a term that is over.
_BOUNDED = re.compile(r"(.+); ((?:minimum|maximum) of .+|extended term, .+)")

#: What was committed or allowed, by which days, and what was spent.
_COMMITTED = re.compile(r"(?:-?[\d.]+ committed|at most -?[\d.]+); .*[\d.]+ spent")

#: One number of a sum such as ``100 × 1 + 1.5 × 0.8 + 5``, with the sign before or behind it that tells what it is.
_TERM = re.compile(
    r"(?P<price>(?<=× )-?\d+(?:\.\d+)?)|(?P<units>-?\d+(?:\.\d+)?(?= ×))|(?P<fee>\d+(?:\.\d+)?)"
)


def _term(found: re.Match[str], formats: Formats) -> str:
    number = Decimal(found[0])
    if found["price"]:
        return formats.unit_price(number)
    return formats.quantity(number) if found["units"] else formats.money(number)


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w\})", phrase)
    return re.compile("".join(_PLACES.get(part, re.escape(part)) for part in parts))


_COMPILED = tuple((_pattern(words[0]), words) for words in _PHRASES)


def translated(text: str | None, formats: Formats) -> str | None:
    """``text`` in the document's language where it is a known phrase, else as it is."""
    # First, because the name of an account or unit in a phrase may be any text, a bound behind it included.
    if bounded := _BOUNDED.fullmatch(text or ""):
        return "; ".join(str(translated(part, formats)) for part in bounded.groups())
    for pattern, words in _COMPILED:
        found = pattern.fullmatch(text or "")
        if found:
            return _filled(words[LANGUAGES.index(formats.language)], found.groups(), formats)
    if _COMMITTED.fullmatch(text or ""):
        return "; ".join(str(translated(part, formats)) for part in str(text).split("; "))
    return text


def _filled(phrase: str, values: tuple[str, ...], formats: Formats) -> str:
    for value in values:
        place = phrase[phrase.index("{") : phrase.index("}") + 1]
        phrase = phrase.replace(place, _formatted(place, value, formats), 1)
    return phrase


def _formatted(place: str, value: str, formats: Formats) -> str:
    if place in {"{u}", "{c}"}:
        return value
    if place == "{t}":
        return _TERM.sub(lambda term: _term(term, formats), value)
    if place == "{d}":
        return formats.date(dt.date.fromisoformat(value))
    number = Decimal(value)
    if place == "{p}":
        return formats.percent(number)
    return formats.money(number) if place == "{m}" else formats.quantity(number)
