"""What reseller.yml says of things that leave the house: ``publish_to`` and ``mail``."""

from __future__ import annotations

from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import yaml

from cspbill.book.model import Destination, Mail, Outgoing
from cspbill.book.places import is_file
from cspbill.book.schema import DESTINATIONS, MAIL, SEND, SENT_BY_DEFAULT
from cspbill.book.values import Value, WrongValueError, parse
from cspbill.book.yaml_file import Reading, entries, items, scalar, values

_ADDRESSES = ("sender", "reply_to", "bcc")


def read_outgoing(folder: Path, found: Mapping[str, yaml.Node], reading: Reading) -> Outgoing:
    """Read both keys; relative folders and files are taken from ``folder``."""
    destinations = _destinations(folder, found.get("publish_to"), reading)
    return Outgoing(destinations, _mail(folder, found.get("mail"), reading))


def _destinations(folder: Path, node: yaml.Node | None, reading: Reading) -> tuple[Destination, ...]:
    if isinstance(node, yaml.ScalarNode) and scalar(node):
        url = _url(folder, node, str(scalar(node)), reading)
        return (Destination(url, SENT_BY_DEFAULT, {}),)
    read = [_destination(folder, item, reading) for item in items(node, "publish_to", reading)]
    made = [destination for destination in read if destination]
    for at, one in enumerate(made):
        if any(one.url == other.url for other in made[:at]):
            reading.wrong(
                node or yaml.MappingNode("", []), "publish_to", f"{one.url} stands twice; allowed: once"
            )
    return tuple(made)


def _destination(folder: Path, node: yaml.Node, reading: Reading) -> Destination | None:
    if not isinstance(node, yaml.MappingNode):
        reading.wrong(node, "publish_to", "not a mapping; allowed: {url: …, send: […]}")
        return None
    found = entries(node, [*(column.name for column in DESTINATIONS), SEND.name], reading)
    row = values(DESTINATIONS, found, node, reading)
    send = tuple(
        dict.fromkeys(_kind(item, reading) for item in items(found.get(SEND.name), SEND.name, reading))
    )
    if row["url"] is None:
        return None
    url = _url(folder, found["url"], str(row.pop("url")), reading)
    options = {name: str(value) for name, value in row.items() if value is not None}
    return Destination(url, send or SENT_BY_DEFAULT, options)


def _kind(node: yaml.Node, reading: Reading) -> str:
    try:
        return str(parse(SEND, scalar(node) or "") or "")
    except WrongValueError as error:
        reading.wrong(node, SEND.name, str(error))
        return ""


def _url(folder: Path, node: yaml.Node, text: str, reading: Reading) -> str:
    import fsspec

    scheme, separator, rest = text.partition("://")
    if not separator:
        return str((folder / text).resolve())
    if scheme == "file":
        return str(Path(rest).resolve())
    if scheme not in fsspec.available_protocols():
        reading.wrong(
            node, "url", f"no store is known by '{scheme}://'; allowed: a folder, s3://, gs://, abfs:// …"
        )
    elif not urlsplit(text).netloc or "@" in rest or "?" in rest:
        reading.wrong(
            node,
            "url",
            f"'{scheme}://…' is not bucket/prefix; allowed: no user, password or query (see connection)",
        )
    return text.rstrip("/")


def _mail(folder: Path, node: yaml.Node | None, reading: Reading) -> Mail | None:
    if node is None or scalar(node) == "":
        return None
    if not isinstance(node, yaml.MappingNode):
        reading.wrong(node, "mail", "not a mapping; allowed: {smtp_host: …, sender: …}")
        return None
    found = entries(node, [column.name for column in MAIL], reading)
    row = values(MAIL, found, node, reading)
    for name in _ADDRESSES:
        if row[name] is not None and not is_address(str(row[name])):
            reading.wrong(found[name], name, f"'{row[name]}' is no e-mail address; allowed: name@example.com")
    row["ca_file"] = _ca_file(folder, row, found, reading)
    if row["smtp_host"] is None or row["sender"] is None:
        return None
    # Each key has been read as its column's kind.
    return Mail(**cast("dict[str, Any]", row))


def _ca_file(
    folder: Path, row: Mapping[str, Value], found: Mapping[str, yaml.Node], reading: Reading
) -> str | None:
    if not row["ca_file"]:
        return None
    path = (folder / str(row["ca_file"])).resolve()
    if not is_file(path):
        reading.wrong(
            found["ca_file"], "ca_file", f"'{row['ca_file']}' is no file; allowed: a PEM certificate"
        )
    return str(path)


def is_address(text: str) -> bool:
    """Tell whether ``text`` is one plain address that every server takes: ``name@example.com``."""
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    return bool(address.username and "." in address.domain.strip(".") and text.isascii() and " " not in text)
