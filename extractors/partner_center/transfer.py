"""Copying one part of an export from its signed link."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx

from extractors.names import without_secrets
from extractors.partner_center.exports import Link
from extractors.partner_center.service import Service, raise_if_passing, transport_errors
from extractors.protocol import InterruptedTransferError
from extractors.retrying import with_retries
from extractors.stores.store import CHUNK


class LinkRefused(Exception):  # noqa: N818 - a new link mends it
    """The signed link is not accepted (any more), or the part is no longer where it leads."""


def copy_part(service: Service, link: Link, blob: str, sink: BinaryIO, *, what: str) -> None:
    """Write a part's bytes, unchanged, to ``sink``.

    Raises LinkRefused before anything is written, InterruptedTransferError when the bytes do not come whole.
    """
    address = f"{link.root}/{quote(blob)}?{link.signature}"
    response = with_retries(lambda: _open(service, address), what=what)
    try:
        if response.status_code != 200:
            raise LinkRefused(f"{response.status_code} {response.reason_phrase}".strip())
        _stream(response, blob, sink)
    finally:
        response.close()


def _open(service: Service, address: str) -> httpx.Response:
    with transport_errors():
        response = service.client.send(service.client.build_request("GET", address), stream=True)
    try:
        if response.status_code != 200:
            with transport_errors():
                response.read()
            raise_if_passing(response)
    except BaseException:
        response.close()
        raise
    return response


def _stream(response: httpx.Response, blob: str, sink: BinaryIO) -> None:
    check = _Check(response.headers.get("Content-MD5", ""), packed=blob.lower().endswith(".gz"))
    try:
        for chunk in response.iter_raw(CHUNK):  # raw: as stored, whatever Content-Encoding says
            check.update(chunk)
            sink.write(chunk)
    except httpx.TransportError as error:
        message = f"{type(error).__name__}: {without_secrets(str(error))}"
        raise InterruptedTransferError(f"the transfer broke off: {message}") from None
    if fault := check.fault():
        raise InterruptedTransferError(fault)


@dataclass
class _Check:
    """Whether what came is whole: by the store's checksum, and by gzip's own."""

    md5: str
    packed: bool
    _hash: Any = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))
    _unpacker: Any = field(default_factory=lambda: zlib.decompressobj(wbits=31))
    _damage: str = ""

    def update(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        if self.packed and not self._damage:
            self._unpack(chunk)

    def _unpack(self, data: bytes) -> None:
        try:
            while data:
                if self._unpacker.eof:  # a gzip file may have several members
                    self._unpacker = zlib.decompressobj(wbits=31)
                self._unpacker.decompress(data, CHUNK)  # bounded: a small file may unpack to gigabytes
                data = self._unpacker.unconsumed_tail or self._unpacker.unused_data
        except zlib.error as error:
            self._damage = f"the gzip file is damaged: {error}"

    def fault(self) -> str:
        if self.md5 and base64.b64encode(self._hash.digest()).decode() != self.md5:
            return "the bytes do not match the store's checksum (Content-MD5)"
        if self.packed and not self._damage and not self._unpacker.eof:
            return "the gzip file is truncated: it ends before its checksum"
        return self._damage
