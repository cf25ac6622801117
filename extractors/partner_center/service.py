"""HTTP with Microsoft's services: tokens, throttling, and errors that name the request and hold no secret."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from cspbill.errors import CspbillError
from extractors.connections import Connection
from extractors.names import shown, without_secrets
from extractors.retrying import Transient, with_retries

TIMEOUT = httpx.Timeout(60.0, connect=20.0)
PASSING = frozenset({408, 429, 500, 502, 503, 504})
#: A token is renewed this long before it ends.
MARGIN = dt.timedelta(minutes=5)

# Both log addresses in full, and the query of a blob's address is the key to it.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass
class _Token:
    value: str = field(repr=False)
    renewed: dt.datetime  # from then on a new one is asked for


@dataclass
class Service:
    """Requests on behalf of one app registration. ``source`` is named in every error."""

    source: str
    tenant: str
    login_url: str
    credentials: Connection
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=TIMEOUT))
    _tokens: dict[str, _Token] = field(default_factory=dict)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a GET with a token for the address; returns the response whatever its status (but no passing one)."""
        return self._ask("GET", url, headers=headers)

    def post(self, url: str, body: Mapping[str, str]) -> httpx.Response:
        """Send a POST with JSON; see ``get``."""
        return self._ask("POST", url, body=body)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        what = self.what(f"{method} {_path(url)}")

        def send() -> httpx.Response:
            response = self._send(method, url, headers, body)
            if response.status_code == 401:  # revoked or ended early: one fresh token is worth a try
                self._tokens.clear()
                response = self._send(method, url, headers, body)
            raise_if_passing(response)
            return response

        return with_retries(send, what=what)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str] | None, body: Mapping[str, str] | None
    ) -> httpx.Response:
        given = {
            "Authorization": f"Bearer {self._token(url)}",
            "Accept": "application/json",
            **(headers or {}),
        }
        with transport_errors():
            return self.client.request(method, url, headers=given, json=body)

    def what(self, request: str) -> str:
        """Name a request in messages."""
        return f"source {self.source}: {request}"

    def refused(self, request: str, response: httpx.Response) -> CspbillError:
        """Return the error for a response that no retry mends, with what to do about it."""
        return CspbillError(f"{self.what(request)}: {explained(response)}{_advice(response.status_code)}")

    def _token(self, url: str) -> str:
        scope = f"{origin(url)}/.default"
        token = self._tokens.get(scope)
        if token is None or token.renewed <= dt.datetime.now(dt.UTC):
            token = self._tokens[scope] = self._new_token(scope)
        return token.value

    def _new_token(self, scope: str) -> _Token:
        url = f"{self.login_url}/{self.tenant}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self.credentials.login,
            "client_secret": self.credentials.password,
            "scope": scope,
        }
        asked = dt.datetime.now(dt.UTC)
        with transport_errors():
            response = self.client.post(url, data=form)
        raise_if_passing(response)
        found = content(response)
        if response.status_code != 200 or not found.get("access_token"):
            raise CspbillError(
                f"{self.what('sign-in at ' + login_host(url))}: {explained(response)}; check the tenant id and, in "
                "the source's connection, the client id and client secret (has the secret ended?)"
            )
        lifetime = dt.timedelta(seconds=int(found.get("expires_in") or 300))
        return _Token(str(found["access_token"]), asked + lifetime - min(MARGIN, lifetime / 5))


@contextmanager
def transport_errors() -> Iterator[None]:
    """Turn a connection that failed into Transient, without the address."""
    try:
        yield
    except httpx.TransportError as error:
        reason = without_secrets(str(error)) or "no answer"
        raise Transient(f"{type(error).__name__}: {reason}") from None
    except httpx.InvalidURL:
        raise CspbillError("an address that Microsoft gave cannot be used") from None


def raise_if_passing(response: httpx.Response) -> None:
    """Raise Transient for an answer that asks to come back later."""
    if response.status_code in PASSING:
        raise Transient(explained(response), retry_after(response))


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After header, given as seconds or as a date; None without one."""
    text = response.headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(int(text), 0)
    except ValueError:
        pass
    try:
        moment: dt.datetime = parsedate_to_datetime(text)
        return max((moment - dt.datetime.now(dt.UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def content(response: httpx.Response) -> dict[str, Any]:
    """Return a response's JSON object, numbers as Decimal; empty when it is none."""
    try:
        found = json.loads(response.content.decode("utf-8-sig"), parse_float=Decimal)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def explained(response: httpx.Response) -> str:
    """Return status and the service's own words, in one line without secrets."""
    found = content(response)
    error = found.get("error", found)
    if isinstance(error, dict):
        parts = [error.get("code"), error.get("message") or error.get("description")]
    else:
        parts = [error, found.get("error_description")]
    words = ": ".join(str(part).splitlines()[0] for part in parts if part)
    status = f"{response.status_code} {response.reason_phrase}".strip()
    return shown(without_secrets(f"{status}: {words}" if words else status), 300)


def origin(url: str) -> str:
    """Return scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def login_host(url: str) -> str:
    """Return the host of the sign-in service."""
    return urlsplit(url).netloc


def _path(url: str) -> str:
    return urlsplit(url).path


def _advice(status: int) -> str:
    if status in {401, 403}:
        return (
            "; grant the app the application permission PartnerBilling.Read.All with admin consent, and check that "
            "nobody has revoked it (docs/how-to/connect-partner-center.md)"
        )
    return ""
