"""Fetch a file over HTTP onto disk: streamed, whole or not at all, asked again where that can help."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from cspbill.errors import CspbillError, InputError
from extractors.names import shown, without_secrets
from extractors.partner_center.service import retry_after
from extractors.retrying import Transient, with_retries

TIMEOUT = httpx.Timeout(60.0, connect=20.0)
CHUNK = 1 << 20
MOST_JSON = 50_000_000
_WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}


def download(url: str, target: Path, *, what: str, headers: Mapping[str, str] | None = None) -> Path:
    """Write the body behind ``url`` to ``target``; what comes compressed (zip, deflate, gzip) is unpacked.

    ``what`` names the object in messages. CspbillError when the vendor refuses or patience ends.
    """

    def attempt() -> Path:
        packed = target.with_name(target.name + ".packed")
        with _opened(url, headers or {}, what) as response:
            _save(response, packed)
        return _unpack(packed, target)

    return with_retries(attempt, what=what)


def get_json(url: str, *, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a JSON document; CspbillError when the vendor refuses, or it is no JSON."""

    def attempt() -> bytes:
        with _opened(url, {}, what) as response:
            return _body(response)

    return _parsed(with_retries(attempt, what=what), what)


def post_form(url: str, form: Mapping[str, str], *, what: str) -> tuple[int, Any]:
    """Post a form; returns the status and the JSON answer. Trouble that may pass is tried again."""

    def attempt() -> tuple[int, bytes]:
        with _talking(), httpx.Client(timeout=TIMEOUT) as client:
            response = client.post(url, data=dict(form))
            _refuse_transient(response)
            return response.status_code, response.content

    status, body = with_retries(attempt, what=what)
    return status, _parsed(body, what)


def _parsed(body: bytes, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(body)
    except ValueError:
        raise CspbillError(f"{what}: the answer is no JSON; is the address right?") from None


@contextmanager
def _opened(url: str, headers: Mapping[str, str], what: str) -> Iterator[httpx.Response]:
    given = {"Accept-Encoding": "identity", **headers}
    with (
        _talking(),
        httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client,
        client.stream("GET", url, headers=given) as response,
    ):
        _refuse_transient(response)
        if response.status_code >= 400:
            raise CspbillError(f"{what}: {_refusal(response)}")
        yield response


@contextmanager
def _talking() -> Iterator[None]:
    """Turn what happens to a connection into Transient; no address is shown, it may carry a key."""
    try:
        yield
    except httpx.InvalidURL:
        raise CspbillError("the address is no http(s) address") from None
    except httpx.UnsupportedProtocol:
        raise CspbillError("the address must start with https:// (or http:// on loopback)") from None
    except httpx.TimeoutException:
        raise Transient("no answer in time") from None
    except httpx.HTTPError as error:
        raise Transient(f"the connection broke ({type(error).__name__})") from None


def _refuse_transient(response: httpx.Response) -> None:
    if response.status_code in _WORTH_ANOTHER_TRY:
        raise Transient(f"HTTP {response.status_code}", retry_after(response))


def _refusal(response: httpx.Response) -> str:
    meaning = {
        401: "the token is not accepted",
        403: "permission is missing or was revoked",
        404: "there is nothing at this address",
    }.get(response.status_code, "")
    said = shown(without_secrets(_start_of(response).decode("utf-8", "replace")), 200).strip()
    return " ".join(
        part for part in (f"HTTP {response.status_code}", meaning and f"({meaning})", said) if part
    )


def _start_of(response: httpx.Response) -> bytes:
    for chunk in response.iter_raw(2000):
        return chunk
    return b""


def _body(response: httpx.Response) -> bytes:
    content = b""
    for chunk in response.iter_raw(CHUNK):
        content += chunk
        if len(content) > MOST_JSON:
            raise CspbillError("the index is larger than 50 MB; is the address right?")
    return content


def _save(response: httpx.Response, packed: Path) -> None:
    """Write the bytes as they come; httpx itself refuses fewer than were announced."""
    with packed.open("wb") as sink:
        for chunk in response.iter_raw(CHUNK):
            sink.write(chunk)


def _unpack(packed: Path, target: Path) -> Path:
    """Unpack by what the bytes are, not by headers: Partner Center calls its zip files deflate."""
    with packed.open("rb") as handle:
        start = handle.read(4)
    try:
        if start.startswith(b"PK"):
            unzip(packed, target)
        elif start.startswith(b"\x1f\x8b") or start[:2] in {b"\x78\x01", b"\x78\x9c", b"\x78\xda"}:
            _inflate(packed, target)
        else:
            packed.replace(target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Transient(f"the compressed file is damaged or cut short ({error})") from None
    packed.unlink(missing_ok=True)
    return target


def unzip(packed: Path, target: Path) -> None:
    """Write the one file of a zip archive to ``target``; zipfile.BadZipFile when it is damaged."""
    with zipfile.ZipFile(packed) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) != 1:
            names = ", ".join(shown(info.filename) for info in members[:5]) or "none"
            raise CspbillError(
                f"{packed.name}: a price sheet's zip holds one file; found {len(members)}: {names}"
            )
        with archive.open(members[0]) as source, target.open("wb") as sink:
            while chunk := source.read(CHUNK):
                sink.write(chunk)


def _inflate(packed: Path, target: Path) -> None:
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # zlib or gzip, by its header
    with packed.open("rb") as source, target.open("wb") as sink:
        while chunk := source.read(CHUNK):
            sink.write(stream.decompress(chunk))
    if not stream.eof:
        raise EOFError("it ends early")


def file_name(url: str) -> str:
    """Return the last segment of an address, without its query."""
    return shown(urlsplit(url).path.rpartition("/")[2] or "sheet", 100)


def unpacked(file: Path, folder: Path) -> Path:
    """Return a file downloaded by hand, unpacked into ``folder`` when it is a zip or gzip archive."""
    with file.open("rb") as handle:
        start = handle.read(4)
    if not start.startswith((b"PK", b"\x1f\x8b")):
        return file
    target = folder / f"{file.stem}{'' if file.stem.casefold().endswith(('.csv', '.json')) else '.csv'}"
    try:
        (unzip if start.startswith(b"PK") else _inflate)(file, target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(f"{file.name}: damaged or cut short ({error}); download it again") from None
    return target
