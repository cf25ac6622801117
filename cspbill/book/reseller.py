"""reseller.yml: the seller's identity, its defaults, and the sources that charges come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from cspbill.book.model import Outgoing, Source, SourceDraft
from cspbill.book.outgoing import read_outgoing
from cspbill.book.places import is_file
from cspbill.book.schema import (
    ACCOUNTING_EXPORTS,
    INVOICE_SERIES,
    OWNER_ACCOUNTS,
    RESELLER,
    SERVICE_OPTIONS,
    SOURCE_OPTIONS,
    SOURCES,
)
from cspbill.book.values import Value, WrongValueError, parse
from cspbill.book.yaml_file import Reading, compose, entries, items, line_of, scalar, values
from cspbill.errors import Problem

LOGO_SUFFIXES = (".png", ".jpg", ".jpeg", ".svg")


@dataclass(frozen=True)
class ResellerFile:
    """What was read: the row of ``config.reseller``, the sources, and every problem."""

    values: dict[str, Value] = field(default_factory=dict)
    sources: list[SourceDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    understood: bool = False
    outgoing: Outgoing = field(default_factory=Outgoing)


def read_reseller(path: Path) -> ResellerFile:
    """Read reseller.yml; relative paths in it become absolute, taken from its own folder."""
    reading = Reading()
    root = compose(path, reading)
    if root is None:
        return ResellerFile(problems=reading.problems)
    keys = (*(column.name for column in RESELLER), "invoice_series", "publish_to", "mail", "sources")
    found = entries(root, keys, reading)
    row = values(RESELLER, found, root, reading)
    row |= _series(found.get("invoice_series"), root, reading)
    row["accounting_exports"] = _exports(row, found, reading)
    row["logo"] = _logo(path.parent, row, found, reading)
    nodes = items(found.get("sources"), "sources", reading)
    sources = [source for node in nodes if (source := _source(path.parent, node, reading))]
    _refuse_repeated_names(sources, reading)
    outgoing = read_outgoing(path.parent, found, reading)
    return ResellerFile(row, sources, reading.problems, len(sources) == len(nodes), outgoing)


def _series(node: yaml.Node | None, root: yaml.Node, reading: Reading) -> dict[str, Value]:
    found: dict[str, yaml.Node] = {}
    if isinstance(node, yaml.MappingNode):
        found = entries(node, [column.name for column in INVOICE_SERIES], reading)
    elif node is not None and scalar(node) != "":
        reading.wrong(node, "invoice_series", "not a mapping; allowed: {invoice: INV, credit_note: CN}")
    series = values(INVOICE_SERIES, found, node or root, reading)
    if len({str(value).casefold() for value in series.values()}) < len(series):
        reading.wrong(node or root, "invoice_series", "both series are the same; allowed: two different ones")
    return {f"invoice_series_{name}": value for name, value in series.items()}


def _exports(row: Mapping[str, Value], found: Mapping[str, yaml.Node], reading: Reading) -> str | None:
    """The wanted exports in the order of their declaration; an empty text is none of them."""
    if not row["accounting_exports"]:
        return None
    wanted = [name.strip().casefold() for name in str(row["accounting_exports"]).split(",")]
    if wanted == ["none"]:
        return ""
    for name in wanted:
        if name not in ACCOUNTING_EXPORTS:
            allowed = ", ".join((*ACCOUNTING_EXPORTS, "none"))
            reading.wrong(
                found["accounting_exports"],
                "accounting_exports",
                f"'{name}' is no export; allowed: {allowed}",
            )
    return ", ".join(name for name in ACCOUNTING_EXPORTS if name in wanted)


def _logo(
    folder: Path, row: Mapping[str, Value], found: Mapping[str, yaml.Node], reading: Reading
) -> str | None:
    if not row["logo"]:
        return None
    logo = (folder / str(row["logo"])).resolve()
    if logo.suffix.casefold() not in LOGO_SUFFIXES or not is_file(logo):
        reading.wrong(
            found["logo"],
            "logo",
            f"'{row['logo']}' is no such picture; allowed: an existing {', '.join(LOGO_SUFFIXES)} file",
        )
    return str(logo)


def _source(folder: Path, node: yaml.Node, reading: Reading) -> SourceDraft | None:
    if not isinstance(node, yaml.MappingNode):
        reading.wrong(node, "sources", "a source is not a mapping; allowed: name, kind and its settings")
        return None
    plain = {str(key.value): scalar(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    kind = (plain.get("kind") or "").strip().casefold()
    options = SOURCE_OPTIONS.get(kind)
    names = [column.name for column in (*SOURCES, OWNER_ACCOUNTS, *(options or ()))]
    # Of a kind that does not exist no setting is known: naming them unknown as well would mislead.
    ignored = [] if options is not None else [key for key in plain if key not in names]
    found = entries(node, [*names, *ignored], reading)
    row = values(SOURCES, found, node, reading)
    settings = values(options or (), found, node, reading)
    _refuse_unreachable(node, kind, settings, reading)
    accounts = _owner_accounts(found.get("owner_accounts"), reading)
    if row["name"] is None or row["kind"] is None:
        return None
    return SourceDraft(
        line_of(node),
        Source(
            name=str(row["name"]),
            kind=str(row["kind"]),
            vendor=None if row["vendor"] is None else str(row["vendor"]),
            tolerance=row["tolerance"] if isinstance(row["tolerance"], Decimal) else Decimal(0),
            owner_accounts=accounts,
            options=_options(folder, settings, found, reading),
        ),
    )


def _refuse_unreachable(node: yaml.Node, kind: str, settings: Mapping[str, Value], reading: Reading) -> None:
    """A source that may lie in a folder or behind a service must name one of the two."""
    service = SERVICE_OPTIONS.get(kind)
    if service and not settings.get("path") and not settings.get(service):
        reading.wrong(node, service, f"missing; required: {service}, or path with files of that kind")


def _owner_accounts(node: yaml.Node | None, reading: Reading) -> tuple[str, ...]:
    accounts: dict[str, str] = {}
    for item in items(node, "owner_accounts", reading):
        text = scalar(item)
        try:
            account = str(parse(OWNER_ACCOUNTS, text or "") or "")
        except WrongValueError as error:
            reading.wrong(item, "owner_accounts", str(error))
            continue
        if account:
            accounts.setdefault(account.casefold(), account)
        else:
            reading.wrong(item, "owner_accounts", "not an account id; allowed: one id per item")
    return tuple(accounts.values())


def _options(
    folder: Path, settings: Mapping[str, Value], found: Mapping[str, yaml.Node], reading: Reading
) -> dict[str, str]:
    options = {name: str(value) for name, value in settings.items() if value is not None}
    if "path" in options:
        options["path"] = _location(folder, options["path"], found["path"], reading)
    for name in [name for name in found if name.endswith("_url") and name in options]:
        url = urlsplit(options[name])
        if url.scheme not in {"http", "https"} or not url.hostname or "@" in url.netloc or url.query:
            reading.wrong(
                found[name],
                name,
                "not a plain web address; allowed: https://host:port, without a user, password or query",
            )
    return options


def _location(folder: Path, text: str, node: yaml.Node, reading: Reading) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return str((folder / text).resolve())
    bucket = rest.partition("/")[0]
    if scheme not in {"s3", "az"} or not bucket or "@" in bucket:
        allowed = "a folder, s3://bucket/prefix, or az://container/prefix"
        reading.wrong(node, "path", f"'{text}' cannot be read; allowed: {allowed}")
    return text


def _refuse_repeated_names(sources: list[SourceDraft], reading: Reading) -> None:
    first: dict[str, int] = {}
    for item in sources:
        name = item.source.name.casefold()
        if name in first:
            message = f"'{item.source.name}' stands in line {first[name]} already; allowed: once"
            reading.problems.append(Problem("reseller.yml", item.line, "name", message))
        first.setdefault(name, item.line)
