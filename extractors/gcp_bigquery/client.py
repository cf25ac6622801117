"""Talking to BigQuery: credentials, patience, and errors that say what to do.

The SDK retries what can pass (timeouts, resets, 429, 500, 502, 503); here it gets deadlines, so that nothing waits
for ever, and is told of answers that were cut on their way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.api_core.retry import Retry
from google.auth import credentials as google_credentials
from google.auth import default as default_credentials
from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import AuthorizedSession
from google.cloud import bigquery
from google.oauth2 import service_account

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError
from extractors.connections import Connection, airflow_connection
from extractors.names import shown, without_secrets

SCOPES = ("https://www.googleapis.com/auth/bigquery",)
#: Rows of one page of a result: what is in memory at a time.
PAGE_ROWS = 10_000


Parameters = Sequence[bigquery.ScalarQueryParameter]


@dataclass
class Patience:
    """How long to wait, in seconds: for one answer, for one request with all its retries, and for one query."""

    answer: float = 120.0
    first_wait: float = 1.0
    request: float = 300.0
    query: float = 3600.0


PATIENCE = Patience()


@dataclass(frozen=True)
class Client:
    """BigQuery as one source sees it. ``project`` is that of the table; a connection may name another for jobs."""

    source: Source
    project: str

    def table(self, name: str) -> bigquery.Table:
        """Return a table's description (free of charge)."""
        with self._errors(name):
            return self._bigquery.get_table(name, retry=_retry(), timeout=PATIENCE.answer)

    def tables(self, dataset: str) -> list[str]:
        """Return the names of a dataset's tables."""
        with self._errors(dataset):
            found = self._bigquery.list_tables(dataset, retry=_retry(), timeout=PATIENCE.answer)
            return [one.table_id for one in found]

    def bytes_of(self, name: str, sql: str, parameters: Parameters) -> int:
        """Return how many bytes BigQuery would read for a query, without running it (free of charge)."""
        config = bigquery.QueryJobConfig(dry_run=True, query_parameters=parameters)
        with self._errors(name):
            job = self._bigquery.query(
                sql,
                config,
                location=self.source.options.get("location"),
                retry=_retry(),
                job_retry=None,
                timeout=PATIENCE.answer,
            )
            return int(job.total_bytes_processed or 0)

    @contextmanager
    def rows(self, name: str, sql: str, parameters: Parameters) -> Iterator[Any]:
        """Run a query over table ``name`` and yield its rows, an iterator that is read page by page.

        Errors while the caller reads are told like those of the query itself.
        """
        config = bigquery.QueryJobConfig(query_parameters=parameters)
        with self._errors(name):
            yield self._bigquery.query_and_wait(
                sql,
                job_config=config,
                location=self.source.options.get("location"),
                page_size=PAGE_ROWS,
                retry=_retry(),
                job_retry=_retry(),
                api_timeout=PATIENCE.answer,
                wait_timeout=PATIENCE.query,
            )

    @cached_property
    def _bigquery(self) -> bigquery.Client:
        options = self.source.options
        endpoint, name = options.get("endpoint_url"), options.get("connection")
        connection = airflow_connection(name) if name else None
        with self._errors("credentials"):
            credentials = _credentials(self.source, connection, endpoint)
        return bigquery.Client(
            project=_jobs_project(connection) or self.project,
            credentials=credentials,
            client_options=ClientOptions(api_endpoint=endpoint) if endpoint else None,
            _http=_WholeAnswers(credentials),  # type: ignore[no-untyped-call]
        )

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        where = f"source {self.source.name}: {name}"
        try:
            yield
        except exceptions.RetryError as error:
            reason = _words(error.cause) if error.cause else _words(error)
            raise CspbillError(f"{where}: BigQuery does not answer: {reason}; run it again later") from None
        except exceptions.GoogleAPICallError as error:
            raise CspbillError(f"{where}: {_advice(error)}") from None
        except auth_exceptions.GoogleAuthError as error:
            raise CspbillError(
                f"{where}: Google refuses the credentials; {_KEYS} ({_words(error)})"
            ) from None
        except (requests.RequestException, ConnectionError, TimeoutError) as error:
            raise CspbillError(
                f"{where}: BigQuery does not answer: {_words(error)}; run it again later"
            ) from None


class _WholeAnswers(AuthorizedSession):
    """A session that never waits for ever, and takes half an answer for the broken connection that it is."""

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *args: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> requests.Response:
        options["timeout"] = PATIENCE.answer
        try:
            response: requests.Response = super().request(  # type: ignore[no-untyped-call]
                method, url, *args, **options
            )
            if response.ok and response.content:
                response.json()
        except (requests.exceptions.ContentDecodingError, requests.exceptions.JSONDecodeError) as error:
            raise requests.exceptions.ChunkedEncodingError(f"the answer is not whole: {error}") from None
        return response


def _retry() -> Retry:
    return bigquery.DEFAULT_RETRY.with_timeout(PATIENCE.request).with_delay(initial=PATIENCE.first_wait)


def _credentials(
    source: Source, connection: Connection | None, endpoint: str | None
) -> google_credentials.Credentials:
    if connection is None and endpoint and endpoint.startswith("http://"):
        return google_credentials.AnonymousCredentials()  # type: ignore[no-untyped-call]  # no token in the clear
    found: google_credentials.Credentials
    try:
        if connection and (text := _extra(connection, "keyfile_dict")):
            found = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                json.loads(text), scopes=SCOPES
            )
        elif connection and (path := _extra(connection, "key_path")):
            found = service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
                path, scopes=SCOPES
            )
        else:
            found = default_credentials(scopes=SCOPES)[0]
    except (ValueError, OSError, TypeError, AttributeError):
        name = source.options.get("connection")
        raise InputError(
            f"connection {name!r}: its key is not a readable service account key (JSON with client_email and "
            "private_key)"
        ) from None
    return found


def _jobs_project(connection: Connection | None) -> str | None:
    return (_extra(connection, "project") or _extra(connection, "project_id")) if connection else None


def _extra(connection: Connection, key: str) -> str:
    return connection.extra.get(key) or connection.extra.get(f"extra__google_cloud_platform__{key}") or ""


_ROLES = (
    "the account needs roles/bigquery.dataViewer on the dataset and roles/bigquery.jobUser on the project that runs "
    "the query"
)
_KEYS = "check the source's connection, or GOOGLE_APPLICATION_CREDENTIALS"
_ADVICE = (
    (exceptions.Forbidden, f"not permitted; {_ROLES}"),
    (exceptions.Unauthorized, f"Google refuses the credentials; {_KEYS}"),
    (exceptions.NotFound, "not found; check the source's table and location"),
    (exceptions.BadRequest, "BigQuery refuses the query; check the source's partition_column and location"),
    (exceptions.ClientError, "BigQuery refuses the request"),
)


def _advice(error: exceptions.GoogleAPICallError) -> str:
    advice = next(
        (text for kind, text in _ADVICE if isinstance(error, kind)), "BigQuery fails; run it again later"
    )
    return f"{advice} (HTTP {error.code or '?'}: {_words(error)})"


def _words(error: BaseException) -> str:
    text = error.message if isinstance(error, exceptions.GoogleAPICallError) else str(error)
    return shown(without_secrets(text), 300)
