"""Vendors' files below a directory of an Azure Blob container."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, TypeVar

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError, Problem
from extractors.connections import Connection, airflow_connection
from extractors.names import shown, without_secrets
from extractors.protocol import FileChangedError, InterruptedTransferError, RemoteFile
from extractors.retrying import Transient, with_retries
from extractors.stores.store import Listing, listing

CHUNK = 4 << 20  # bytes of one request: the service computes checksums of ranges up to this size only
PATIENT = {"connection_timeout": 20, "read_timeout": 60}  # seconds, of one request
PASSING = frozenset({408, 429, 500, 502, 503, 504})
_ADVICE = {
    401: "the key, token or identity is not accepted: renew it in the connection",
    403: "reading is not permitted: the identity needs the role Storage Blob Data Reader on the container, a SAS "
    "token the permissions read and list and an end in the future",
    404: "there is no such container in the storage account",
}

T = TypeVar("T")


@dataclass(frozen=True)
class Access:
    """How to reach a storage account: a connection string, or its address with a credential."""

    url: str = ""
    connection_string: str = ""
    credential: Any = None


@dataclass(frozen=True)
class AzureBlobPrefix:
    """The blobs below a directory of a container; ``prefix`` is empty or ends in ``/``."""

    source: Source
    container: str
    prefix: str

    def list(self) -> Listing:
        """Return the blobs below the directory, by ETag."""
        return with_retries(lambda: self._asked(lambda: listing(self._blobs())), what=self._where)

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Download a blob in ranges whose checksums are verified, provided that its ETag is still the listed one."""
        chunks = with_retries(lambda: self._asked(lambda: self._open(file), file), what=self._named(file))
        while True:
            try:
                chunk = self._asked(lambda: next(chunks, None), file)
            except Transient as error:
                raise InterruptedTransferError(str(error)) from None
            if chunk is None:
                return
            sink.write(chunk)

    def _open(self, file: RemoteFile) -> Iterator[bytes]:
        """Ask for the first range; the others are asked for as they are read."""
        from azure.core import MatchConditions

        blob = self._client.get_blob_client(self.prefix + file.location)
        download = blob.download_blob(
            etag=file.version,
            match_condition=MatchConditions.IfNotModified,
            max_concurrency=1,
            validate_content=True,
        )
        return iter(download.chunks())

    def _blobs(self) -> Iterator[tuple[RemoteFile, str | None]]:
        for blob in self._client.list_blobs(name_starts_with=self.prefix or None, include=["metadata"]):
            name = blob.name.removeprefix(self.prefix)
            is_folder = (blob.metadata or {}).get(
                "hdi_isfolder"
            ) == "true"  # as hierarchical accounts mark them
            if name and not is_folder and not name.endswith("/"):
                yield RemoteFile(name, name, blob.size, blob.etag, blob.last_modified), None

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - loaded only when used
        from azure.storage.blob import ContainerClient, ExponentialRetry

        logging.getLogger("urllib3.connectionpool").addFilter(_without_query)
        access = access_of(self.source)
        # Asking again is ours: it honours Retry-After and is the same for every vendor.
        options = {
            **PATIENT,
            "retry_policy": ExponentialRetry(retry_total=0),
            "max_single_get_size": CHUNK,
            "max_chunk_get_size": CHUNK,
        }
        try:
            if access.connection_string:
                return ContainerClient.from_connection_string(
                    access.connection_string, self.container, **options
                )
            return ContainerClient(access.url, self.container, credential=access.credential, **options)
        except ValueError as error:  # a broken connection string, address or key
            raise self._misconfigured(without_secrets(str(error))) from None

    def _asked(self, call: Callable[[], T], file: RemoteFile | None = None) -> T:
        """Return ``call()``; Transient where asking again may help, else an error without secrets."""
        from azure.core.exceptions import AzureError, HttpResponseError
        from requests.exceptions import (
            RequestException,
        )  # what the client lets through while it verifies a checksum

        try:
            return call()
        except RequestException as error:
            raise Transient(_text(error)) from None
        except HttpResponseError as error:
            raise self._failure(error, file) from None
        except AzureError as error:
            if _is_identity(error):
                raise CspbillError(f"{self._where}: {_text(error)}; {_ADVICE[401]}") from None
            raise Transient(_text(error)) from None

    def _failure(self, error: Any, file: RemoteFile | None) -> Exception:  # noqa: ANN401
        status = error.status_code
        if file and (status == 412 or (status == 404 and _code(error) != "ContainerNotFound")):
            return FileChangedError(file.location)
        if _is_identity(error):
            return CspbillError(f"{self._where}: {_text(error)}; {_ADVICE[401]}")
        if status is None or status < 400 or status in PASSING:  # below 400: the body did not come whole
            return Transient(_text(error), _seconds(error))
        advice = _ADVICE.get(status, "check the source's path and its connection")
        return CspbillError(
            f"{self._named(file) if file else self._where}: {status} {_code(error)}; {advice}"
        )

    def _misconfigured(self, reason: str) -> InputError:
        return InputError(
            [Problem("reseller.yml", 0, "connection", f"source {self.source.name}: {shown(reason)}")]
        )

    @property
    def _where(self) -> str:
        return f"source {self.source.name}: az://{self.container}/{self.prefix}"

    def _named(self, file: RemoteFile) -> str:
        return f"{self._where}{shown(file.location)}"


def access_of(source: Source) -> Access:
    """Return the way to the storage account of a source.

    From its Airflow connection, else from the variables that Azure's own tools read: a connection string, an account
    key or a SAS token. Without any of them, whoever runs this identifies itself (DefaultAzureCredential). Raises
    InputError when the account is not named, or when a signed address stands in reseller.yml.
    """
    name = source.options.get("connection")
    connection = airflow_connection(name) if name else _environment()
    url = source.options.get("endpoint_url") or _account_url(connection)
    if "?" in (source.options.get("endpoint_url") or ""):
        message = "holds a query: a SAS token is a secret and belongs into the connection (extra: sas_token)"
        raise InputError([Problem("reseller.yml", 0, "endpoint_url", f"source {source.name}: {message}")])
    if text := connection.extra.get("connection_string"):
        return Access(connection_string=text)
    if not url:
        message = f"source {source.name}: missing; allowed is https://<account>.blob.core.windows.net"
        raise InputError([Problem("reseller.yml", 0, "endpoint_url", message)])
    return Access(url=url, credential=_credential(connection))


def _environment() -> Connection:
    names = {
        "connection_string": "AZURE_STORAGE_CONNECTION_STRING",
        "shared_access_key": "AZURE_STORAGE_KEY",
        "sas_token": "AZURE_STORAGE_SAS_TOKEN",
    }
    extra = {key: value for key, variable in names.items() if (value := os.environ.get(variable))}
    return Connection(login=os.environ.get("AZURE_STORAGE_ACCOUNT", ""), extra=extra)


def _account_url(connection: Connection) -> str:
    if connection.host:
        return connection.host if "://" in connection.host else f"https://{connection.host}"
    is_account = connection.login and not connection.extra.get("tenant_id")
    return f"https://{connection.login}.blob.core.windows.net" if is_account else ""


def _credential(connection: Connection) -> Any:  # noqa: ANN401 - one of the SDK's credentials
    """Return a SAS token, a client secret, an account key, or what DefaultAzureCredential finds: in this order."""
    from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential

    extra = connection.extra
    key = extra.get("shared_access_key") or connection.password
    if token := extra.get("sas_token"):
        return AzureSasCredential(token.lstrip("?"))
    if tenant := extra.get("tenant_id"):
        from azure.identity import ClientSecretCredential

        return ClientSecretCredential(tenant, connection.login, connection.password)
    if key:
        return AzureNamedKeyCredential(connection.login, key)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(managed_identity_client_id=extra.get("managed_identity_client_id"))


def _without_query(record: logging.LogRecord) -> bool:
    """Take the query out of what urllib3 logs of a request: a SAS token stands there."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            one.partition("?")[0] if isinstance(one, str) and "?" in one else one for one in record.args
        )
    return True


def _is_identity(error: Exception) -> bool:
    """Tell whether it was the sign-in that failed, not the storage account's answer."""
    from azure.core.exceptions import ClientAuthenticationError

    return isinstance(error, ClientAuthenticationError) and not getattr(error, "error_code", None)


def _text(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return shown(without_secrets(lines[0]), 200)


def _code(error: Any) -> str:  # noqa: ANN401
    code = getattr(error, "error_code", None)
    return shown(str(getattr(code, "value", code) or type(error).__name__), 60)


def _seconds(error: Any) -> float | None:  # noqa: ANN401
    found = error.response.headers.get("Retry-After", "") if error.response else ""
    return int(found) if found.isdigit() else None
