"""Airflow connections from the environment: credentials stand there and never in reseller.yml."""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cspbill.errors import InputError


@dataclass(frozen=True)
class Connection:
    """An Airflow connection; parts that it leaves out are empty. Its text form shows no value."""

    login: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


def airflow_connection(name: str) -> Connection:
    """Read a connection from ``AIRFLOW_CONN_<NAME>`` (URI or JSON).

    Airflow itself is not needed. Without the variable an InputError says which one to set; no value is shown.
    """
    variable = f"AIRFLOW_CONN_{name.upper()}"
    text = os.environ.get(variable)
    if not text:
        raise InputError(f"connection {name!r}: the environment variable {variable} is not set")
    read: Callable[[str], Connection] = _from_json if text.lstrip().startswith("{") else _from_uri
    try:
        return read(text)
    except (ValueError, AttributeError, TypeError):
        raise InputError(f"connection {name!r}: {variable} is neither an Airflow URI nor JSON") from None


def _from_json(text: str) -> Connection:
    found = json.loads(text)
    extra = found.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    login, password, host = (str(found.get(key) or "") for key in ("login", "password", "host"))
    return Connection(login, password, host, _texts(extra))


def _from_uri(text: str) -> Connection:
    uri = urllib.parse.urlsplit(text)
    if not uri.scheme:
        raise ValueError
    query = dict(urllib.parse.parse_qsl(uri.query))
    extra = {**query, **json.loads(query.pop("__extra__", "{}"))}
    login, password, host = (
        urllib.parse.unquote(part or "") for part in (uri.username, uri.password, uri.hostname)
    )
    return Connection(login, password, host, _texts(extra))


def _texts(extra: Mapping[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in extra.items() if value is not None}
