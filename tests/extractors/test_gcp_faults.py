"""What networks, BigQuery and its administrators do to requests: retried where it helps, else one clear error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from emulators.bigquery import BigQuery, running_bigquery
from emulators.faults import FaultProxy, fault_proxy
from emulators.gcp_export import Export, charge, new_export

from cspbill.errors import CspbillError, InputError
from extractors.gcp_bigquery import client

#: Each kind of request that a first run makes.
REQUESTS: dict[str, Callable[[str, str], bool]] = {
    "the table's description": lambda method, path: method == "GET" and "/tables/" in path,
    "the dry run": lambda method, path: method == "POST" and path.partition("?")[0].endswith("/jobs"),
    "a query": lambda method, path: method == "POST" and path.partition("?")[0].endswith("/queries"),
    "a further page of rows": lambda method, path: method == "GET" and "/queries/" in path,
}


@pytest.fixture(scope="module")
def bigquery() -> Iterator[BigQuery]:
    with running_bigquery() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def proxy(bigquery: BigQuery) -> Iterator[FaultProxy]:
    with fault_proxy(bigquery.url, stall=2.5) as faults:
        yield faults


@pytest.fixture
def export(bigquery: BigQuery, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """An export of 5 rows and 50.00 USD behind the proxy; a result's page holds two rows, and patience is short."""
    monkeypatch.setattr(
        client, "PATIENCE", client.Patience(answer=2.0, first_wait=0.05, request=2.5, query=20.0)
    )
    monkeypatch.setattr(client, "PAGE_ROWS", 2)
    proxy.clear()
    export = new_export(bigquery, tmp_path).with_options(endpoint_url=proxy.url)
    export.table.add([charge(1, 10.0) for _ in range(5)])
    return export


@pytest.mark.parametrize("fault", ["reset", "truncate", "corrupt", 429, 500, 502, 503])
def test_a_passing_fault_at_every_request_is_asked_again_and_costs_no_row(
    export: Export, proxy: FaultProxy, fault: str | int
):
    for matches in REQUESTS.values():
        proxy.plan(matches, fault, times=1)
    deliveries = list(_discovered_and_fetched(export))
    assert proxy.met == [fault] * len(REQUESTS)
    assert deliveries == [("2024-09/2024-09-01.parquet", 5)]


@pytest.mark.parametrize("request_kind", REQUESTS)
def test_a_request_without_an_answer_is_given_up_and_made_again(
    export: Export, proxy: FaultProxy, request_kind: str
):
    proxy.plan(REQUESTS[request_kind], "timeout", times=1)
    assert list(_discovered_and_fetched(export)) == [("2024-09/2024-09-01.parquet", 5)]
    assert proxy.met == ["timeout"]


@pytest.mark.parametrize("request_kind", REQUESTS)
@pytest.mark.parametrize("fault", ["reset", 503])
def test_a_fault_that_stays_ends_in_an_error_that_names_source_and_table(
    export: Export, proxy: FaultProxy, request_kind: str, fault: str | int
):
    proxy.plan(REQUESTS[request_kind], fault, times=1000)
    with pytest.raises(CspbillError) as caught:
        export.extract()
    assert str(caught.value).startswith(f"source google: {export.table.name}: BigQuery does not answer: ")
    assert str(caught.value).endswith("run it again later")


def test_after_the_fault_the_next_run_ends_where_it_would_have(export: Export, proxy: FaultProxy):
    proxy.plan(REQUESTS["a further page of rows"], 503, times=1000)
    with pytest.raises(CspbillError):
        export.run()
    proxy.clear()
    assert [one.rows for one in export.run().landed] == [5]
    assert export.raw() == [(5, Decimal(50))]


@pytest.mark.parametrize("request_kind", REQUESTS)
@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (
            403,
            "accessDenied",
            "not permitted; the account needs roles/bigquery.dataViewer on the dataset and roles/",
        ),
        (401, "authError", "Google refuses the credentials; check the source's connection"),
        (404, "notFound", "not found; check the source's table and location"),
        (400, "invalidQuery", "BigQuery refuses the query; check the source's partition_column and location"),
    ],
)
def test_what_no_retry_can_help_is_told_at_once_with_what_to_do(
    export: Export, proxy: FaultProxy, request_kind: str, status: int, reason: str, words: str
):
    proxy.plan(REQUESTS[request_kind], status, times=1000, headers=JSON, body=_error(status, reason))
    with pytest.raises(CspbillError) as caught:
        export.extract()
    assert str(caught.value).startswith(f"source google: {export.table.name}: {words}")
    # google-auth itself refreshes the token and asks again once after a 401.
    assert len(proxy.met) <= 3


def test_a_throttled_project_is_asked_again(export: Export, proxy: FaultProxy):
    body = _error(403, "rateLimitExceeded")
    proxy.plan(REQUESTS["a query"], 403, times=2, headers=JSON, body=body)
    assert list(_discovered_and_fetched(export)) == [("2024-09/2024-09-01.parquet", 5)]


JSON = {"Content-Type": "application/json"}
SECRET_TOKEN = "ya29.very-secret-token"


def _error(status: int, reason: str) -> bytes:
    detail = {"message": f"HTTP {status} for a reason", "reason": reason, "domain": "global"}
    return json.dumps({"error": {"code": status, "message": detail["message"], "errors": [detail]}}).encode()


def _discovered_and_fetched(export: Export) -> Iterator[tuple[str, int]]:
    """Extract and yield the files that came into force; gate 1 and loading are tested without faults."""
    result = export.extract()
    assert result.problems == ()
    for one in result.landed:
        folder = export.settings.landing / "google" / f"{one.period:%Y-%m}" / one.delivery_id
        for path in sorted((folder / "files").rglob("*.parquet")):
            yield path.relative_to(folder / "files").as_posix(), one.rows


class _Tokens(BaseHTTPRequestHandler):
    """Google's token endpoint: a token for every assertion."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"access_token": SECRET_TOKEN, "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the test output clean."""


@pytest.fixture(scope="module")
def token_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tokens)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _connection(private_key: str, token_url: str) -> str:
    info = {
        "type": "service_account",
        "project_id": "test-project",
        "private_key_id": "key-1",
        "private_key": private_key,
        "client_email": "cspbill@test-project.iam.gserviceaccount.com",
        "token_uri": token_url,
    }
    extra = {"keyfile_dict": json.dumps(info), "project": "test-project"}
    return json.dumps({"conn_type": "google_cloud_platform", "extra": extra})


def test_neither_key_nor_token_is_in_anything_that_a_run_leaves_or_says(
    export: Export,
    proxy: FaultProxy,
    private_key: str,
    token_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("AIRFLOW_CONN_GCP", _connection(private_key, token_url))
    keyed = export.with_options(connection="gcp")
    said = [str(keyed.run())]
    proxy.plan("/queries", 403, times=1000, headers=JSON, body=_error(403, "accessDenied"))
    with pytest.raises(CspbillError) as caught:
        keyed.run()
    left = [path.read_bytes() for path in export.settings.home.rglob("*") if path.is_file()]
    assert keyed.raw() == [(5, Decimal(50))]  # it did work with the key
    for secret in (SECRET_TOKEN, private_key.splitlines()[5]):
        assert not any(secret in text for text in (*said, str(caught.value), caplog.text))
        assert not any(secret.encode() in content for content in left)


def test_a_refused_key_is_told_by_connection_and_without_its_text(
    export: Export, private_key: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AIRFLOW_CONN_GCP", _connection(private_key, "http://127.0.0.1:9/token"))
    with pytest.raises(CspbillError, match="source google") as caught:
        export.with_options(connection="gcp").run()
    assert private_key.splitlines()[5] not in str(caught.value)


@pytest.mark.parametrize("keyfile", ["{", '{"private_key": "top-secret"}', '"top-secret"'])
def test_a_connection_without_a_readable_key_is_named_and_not_shown(
    export: Export, monkeypatch: pytest.MonkeyPatch, keyfile: str
):
    monkeypatch.setenv("AIRFLOW_CONN_GCP", json.dumps({"conn_type": "g", "extra": {"keyfile_dict": keyfile}}))
    with pytest.raises(
        InputError, match="connection 'gcp': its key is not a readable service account"
    ) as caught:
        export.with_options(connection="gcp").run()
    assert "top-secret" not in str(caught.value)


def test_a_connection_that_is_not_set_is_named(export: Export, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AIRFLOW_CONN_GCP", raising=False)
    with pytest.raises(InputError, match="AIRFLOW_CONN_GCP is not set"):
        export.with_options(connection="gcp").run()
