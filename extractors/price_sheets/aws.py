"""AWS: public offer files, one per service and region. On-demand prices only; a SKU of theirs is one of one region.

Index → region index → the offer file's address; the CSV is taken (five lines about the file, then the header), never
the JSON of the same name, which cannot be read in pieces.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from cspbill.book.csv_file import suggest
from cspbill.errors import CspbillError, InputError, Problem
from extractors.names import shown
from extractors.price_sheets import downloads
from extractors.price_sheets.sheets import Columns, Sheet, csv_header, csv_rows, literal, look

VENDOR = "AWS"
PUBLIC = "https://pricing.us-east-1.amazonaws.com"
INDEX = "/offers/v1.0/aws/index.json"
FORMAT = "v1.0"
LARGEST_JSON = 50_000_000
CALLED = {
    "sku": "SKU", "unit": "Unit", "currency": "Currency", "list_price": "PricePerUnit", "tier_start": "StartingRange",
    "valid_from": "EffectiveDate",
}  # fmt: skip


def fetch(folder: Path, service: str, region: str | None, url: str = PUBLIC) -> Sheet:
    """Download the offer file of a service (in a region, or whole) into ``folder``."""
    name = " ".join(filter(None, ("aws", service, region)))
    path = _address(url, service, region, name)
    address = urljoin(url, path.removesuffix(".json").removesuffix(".csv") + ".csv")
    target = downloads.download(address, folder / "offer.csv", what=name)
    return read(target, service, region, name)


def read(
    path: Path, service: str | None = None, region: str | None = None, shown_as: str | None = None
) -> Sheet:
    """Describe an offer file on disk, CSV or JSON; ``shown_as`` names it in messages."""
    if path.suffix.casefold() == ".json":
        return _read_json(path, region)
    about, skip = _about(path, shown_as or path.name)
    offer = about.get("offercode", "")
    if service and offer and offer.casefold() != service.casefold():
        raise InputError(
            [Problem(shown_as or path.name, 5, "OfferCode", f"{shown(offer)!r}; asked for: {service}")]
        )
    columns = Columns(shown_as or path.name, csv_header(path, skip))
    columns.require("an AWS offer file", *_NEEDED)
    # Taken as delivered, not as found: reading by position needs every column of the header.
    rows = csv_rows(path, csv_header(path, skip), skip)
    return _sheet(
        shown_as or path.name,
        offer or service or "",
        region,
        about.get("publication date", ""),
        _offers(columns, rows),
    )


_NEEDED = (
    "SKU",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
)


def _sheet(file: str, offer: str, region: str | None, published: str, offers: str) -> Sheet:
    try:
        as_of = dt.date.fromisoformat(published[:10])
    except ValueError:
        raise InputError(
            [Problem(file, 0, "Publication Date", f"{shown(published)!r} is not a time")]
        ) from None
    name = " ".join(filter(None, ("aws", offer, region)))
    return Sheet(name, VENDOR, file, offers, as_of, called=CALLED)


def _offers(columns: Columns, rows: str) -> str:
    sql = columns.sql
    return (
        f"select row, {sql('serviceName', 'serviceCode')} as service, {sql('SKU')} as sku, "
        f"{sql('Region Code')} as region, {sql('Unit')} as unit, {sql('Currency')} as currency, "
        f"{sql('PricePerUnit')} as list_price, null as cost_price, null as per, "
        f"{sql('StartingRange')} as tier_start, {sql('EffectiveDate')} as valid_from, "
        f"null as valid_to, {sql('PriceDescription')} as description from {rows} where {sql('TermType')} = 'OnDemand'"
    )


def _about(path: Path, file: str) -> tuple[dict[str, str], int]:
    """Return the lines about the file (lower-case name → value) and how many there are before the header."""
    about: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        for skip in range(12):
            cells = next(csv.reader([handle.readline(100_000)]), [])
            if cells and cells[0].strip().casefold() == "sku":
                if about.get("formatversion", FORMAT) != FORMAT:
                    version = shown(about["formatversion"])
                    raise InputError([Problem(file, 1, "FormatVersion", f"{version!r}; allowed: {FORMAT}")])
                return about, skip
            if len(cells) == 2:
                about[cells[0].strip().casefold()] = cells[1].strip()
    raise InputError(
        [
            Problem(
                file,
                0,
                "SKU",
                "no header row that starts with SKU in the first lines; allowed: an AWS offer file",
            )
        ]
    )


def _address(url: str, service: str, region: str | None, what: str) -> str:
    index = downloads.get_json(urljoin(url, INDEX), what=f"{what}: offer index")
    offers = _mapping(index, "offers", what)
    offer = _pick(offers, service, "service", what)
    if region is None:
        return _text(offer, "currentVersionUrl", what)
    regional = urljoin(url, _text(offer, "currentRegionIndexUrl", what))
    regions = _mapping(downloads.get_json(regional, what=f"{what}: region index"), "regions", what)
    return _text(_pick(regions, region, "region", what), "currentVersionUrl", what)


def _pick(found: Mapping[str, Any], name: str, kind: str, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    if name not in found:
        raise InputError(
            f"{what}: no {kind} {name!r} in AWS's index{suggest(name, found)}; it has {len(found)}"
        )
    return found[name]


def _mapping(document: Any, name: str, what: str) -> Mapping[str, Any]:  # noqa: ANN401 - whatever JSON holds
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, dict):
        raise CspbillError(f"{what}: AWS's index has no {name!r}; is the address right?")
    return value


def _text(document: Any, name: str, what: str) -> str:  # noqa: ANN401 - whatever JSON holds
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, str) or not value:
        raise CspbillError(f"{what}: AWS's index names no file ({name!r} is missing)")
    return value


def _read_json(path: Path, region: str | None) -> Sheet:
    """An offer file in JSON is one value: it is read whole, so only a small one is taken."""
    import duckdb

    if path.stat().st_size > LARGEST_JSON:
        raise InputError(
            f"{path.name}: {path.stat().st_size // 1_000_000} MB of JSON cannot be read in pieces; "
            "take the CSV of the same address (index.csv)"
        )
    try:
        found = look(f"select offerCode, publicationDate from {_json_rows(path)}")
    except duckdb.Error as error:
        raise InputError(f"{path.name}: not an AWS offer file ({shown(str(error), 200)})") from None
    offer, published = found[0] if found else ("", "")
    return _sheet(path.name, offer or "", region, published or "", _json_offers(path))


def _json_rows(path: Path) -> str:
    dimension = (
        'STRUCT(unit VARCHAR, beginRange VARCHAR, description VARCHAR, "pricePerUnit" MAP(VARCHAR, VARCHAR))'
    )
    term = f"STRUCT(sku VARCHAR, effectiveDate VARCHAR, priceDimensions MAP(VARCHAR, {dimension}))"
    columns = {
        "offerCode": "VARCHAR",
        "publicationDate": "VARCHAR",
        "products": "MAP(VARCHAR, STRUCT(attributes MAP(VARCHAR, VARCHAR)))",
        "terms": f"STRUCT(OnDemand MAP(VARCHAR, MAP(VARCHAR, {term})))",
    }
    typed = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
    return (
        f"read_json({literal(str(path))}, format = 'unstructured', records = true, columns = {{{typed}}}, "
        f"maximum_object_size = {path.stat().st_size + 1})"
    )


def _json_offers(path: Path) -> str:
    return f"""
        with document as (select * from {_json_rows(path)}),
        terms as (select unnest(map_entries(terms.OnDemand)) as by_sku, products from document),
        offers as (select unnest(map_values(by_sku.value)) as term, products from terms),
        dimensions as (
            select term, unnest(map_values(term.priceDimensions)) as price, products[term.sku] as product from offers
        ),
        prices as (select *, unnest(map_entries(price.pricePerUnit)) as amount from dimensions)
        select row_number() over () as row,
            coalesce(product.attributes['servicename'], product.attributes['servicecode']) as service,
            term.sku as sku, product.attributes['regionCode'] as region, nullif(trim(price.unit), '') as unit,
            amount.key as currency, amount.value as list_price, null as cost_price, null as per,
            price.beginRange as tier_start, term.effectiveDate as valid_from, null as valid_to,
            price.description as description
        from prices
    """
