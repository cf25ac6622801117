"""Azure exports in a Blob container: the real client against Azurite, behind a proxy that does faults to requests."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.azure_exports import Reseller, as_csv, month_of, reseller
from emulators.azurite import ACCOUNT, KEY, Azurite, azurite
from emulators.faults import FaultProxy, fault_proxy

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError
from extractors import retrying
from extractors.stores import azure_blob

SECRET = KEY[:20]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with azurite(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", f'{{"login": "{ACCOUNT}", "password": "{KEY}"}}')
    monkeypatch.setattr(
        retrying, "PATIENCE", retrying.Patience(attempts=3, first_wait=0.01, longest_wait=0.02)
    )
    monkeypatch.setattr(azure_blob, "PATIENT", {"connection_timeout": 1, "read_timeout": 1})


@dataclasses.dataclass
class Container:
    """A container that a reseller reads below ``cost/``, through a proxy."""

    client: object
    name: str
    proxy: FaultProxy
    vendor: Reseller

    def delete(self, folder: str) -> None:
        for name in [blob.name for blob in self.client.list_blobs(name_starts_with=f"cost/{folder}")]:
            self.client.delete_blob(name)


@pytest.fixture
def container(emulator: Azurite, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Container]:
    name = f"c{abs(hash(request.node.name))}"
    client = emulator.container(name)
    with fault_proxy(emulator.origin, stall=2) as proxy:
        vendor = reseller(
            tmp_path,
            lambda path, content: client.upload_blob(f"cost/{path}", content, overwrite=True),
            path=f"az://{name}/cost",
            endpoint_url=f"{proxy.url}/{ACCOUNT}",
            connection="storage",
        )
        yield Container(client, name, proxy, vendor)


def sas(container: Container, permission: str, *, valid: bool = True) -> str:
    from azure.storage.blob import generate_container_sas

    end = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1 if valid else -1)
    return generate_container_sas(ACCOUNT, container.name, account_key=KEY, permission=permission, expiry=end)


def loaded(container: Container) -> list[tuple]:
    return container.vendor.raw()


def downloads(container: Container) -> list[str]:
    return [path for method, path in container.proxy.requests if method == "GET" and "/cost/" in path]


def test_a_month_comes_from_a_container_once(container: Container):
    container.client.upload_blob("elsewhere/20240901-20240930/x/manifest.json", b"not ours")
    container.vendor.run([month_of(), month_of(cost="0.5")], form="csv.gz")
    assert len(container.vendor.take().landed) == 1
    assert loaded(container) == [(60, Decimal("315.000000000000"))]
    container.proxy.clear()
    again = container.vendor.take()
    assert (len(again.landed), len(again.unchanged)) == (0, 1)
    assert downloads(container) == []


def test_a_restated_month_replaces_the_old_one(container: Container):
    folder = container.vendor.run(month_of())
    container.vendor.take()
    container.delete(folder)
    container.vendor.run(month_of(29, cost="11"), at="202410020400")
    container.vendor.take()
    assert loaded(container) == [(29, Decimal("319.000000000000"))]


def test_a_run_is_left_alone_until_its_last_part_is_there(container: Container):
    rows = [month_of(), month_of(cost="1")]
    container.vendor.run(rows, written=[1])
    assert len(container.vendor.take().incomplete) == 1
    assert loaded(container) == [(0, None)]
    container.vendor.run(rows)
    container.vendor.take()
    assert loaded(container) == [(60, Decimal("330.000000000000"))]


def test_a_part_larger_than_one_request_arrives_byte_for_byte(
    container: Container, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(azure_blob, "CHUNK", 4096)
    folder = container.vendor.run(month_of())
    container.vendor.take()
    (landed,) = container.vendor.settings.landing.rglob("part_0_0001.csv")
    assert landed.read_bytes() == as_csv(month_of())
    parts = [path for path in downloads(container) if path.endswith(f"{folder}/part_0_0001.csv")]
    assert len(parts) == -(-len(as_csv(month_of())) // 4096)


FAULTS = ("timeout", "reset", 429, 500, 503, "truncate", "corrupt")
REQUESTS = ("comp=list", "manifest.json", "part_0_0001.csv")


@pytest.mark.parametrize(
    ("request_", "fault"),
    # A listing carries no checksum.
    [(one, fault) for one in REQUESTS for fault in FAULTS if (one, fault) != ("comp=list", "corrupt")],
)
def test_a_fault_that_passes_is_outwaited_at_every_request(
    container: Container, request_: str, fault: str | int
):
    container.vendor.run(month_of())
    headers = {"Retry-After": "0"} if fault == 429 else {}
    container.proxy.plan(request_, fault, headers=headers)
    result = container.vendor.take()
    assert container.proxy.met == [fault]
    assert result.problems == ()
    assert loaded(container) == [(30, Decimal("300.000000000000"))]


def test_a_break_in_the_middle_of_a_part_starts_it_over(
    container: Container, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(azure_blob, "CHUNK", 4096)
    container.vendor.run(month_of())
    seen = []
    container.proxy.plan(lambda _, path: "part_0" in path and bool(seen.append(path) or len(seen) == 3), 503)
    container.vendor.take()
    assert container.proxy.met == [503]
    assert loaded(container) == [(30, Decimal("300.000000000000"))]


@pytest.mark.parametrize(
    ("request_", "name"),
    [("comp=list", "az://{container}/cost/: "), ("part_0", "cost/daily/20240901-20240930/")],
)
def test_a_fault_that_stays_is_one_error_with_source_and_object(
    container: Container, request_: str, name: str
):
    container.vendor.run(month_of())
    container.proxy.plan(request_, 503, times=99)
    with pytest.raises(CspbillError, match="given up after 3 attempts; run it again later") as caught:
        container.vendor.take()
    assert str(caught.value).startswith("source azure")
    if request_ == "comp=list":
        assert name.format(container=container.name) in str(caught.value)
    container.proxy.clear()
    assert len(container.vendor.take().landed) == 1


def test_a_permission_that_is_taken_away_is_said_with_the_role_to_give(container: Container):
    container.vendor.run(month_of())
    container.proxy.plan("part_0", 403, times=99)
    with pytest.raises(CspbillError, match="the role Storage Blob Data Reader on the container") as caught:
        container.vendor.take()
    assert "part_0_0001.csv" in str(caught.value)
    assert len([fault for fault in container.proxy.met if fault == 403]) == 1  # asking again cannot help


def test_a_part_that_changes_after_it_was_listed_is_left_to_the_next_run(
    container: Container, monkeypatch: pytest.MonkeyPatch
):
    folder = container.vendor.run(month_of())
    fetch = azure_blob.AzureBlobPrefix.fetch

    def change_first(store: azure_blob.AzureBlobPrefix, file: object, sink: object) -> None:
        if "part_0" in file.location:
            container.vendor.put(f"{folder}/part_0_0001.csv", as_csv(month_of(cost="66")))
        fetch(store, file, sink)

    with monkeypatch.context() as patch:
        patch.setattr(azure_blob.AzureBlobPrefix, "fetch", change_first)
        result = container.vendor.take()
    assert "changed while it was read; the next run takes it" in result.incomplete[0]
    container.vendor.take()
    assert loaded(container) == [(30, Decimal("1980.000000000000"))]


def test_a_sas_token_that_may_read_and_list_is_enough_and_shows_nowhere(
    container: Container, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    token = sas(container, "rl")
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", f'{{"extra": {{"sas_token": "?{token}"}}}}')
    container.vendor.run(month_of())
    signature = token.partition("sig=")[2].partition("&")[0]
    with caplog.at_level(logging.DEBUG):
        container.vendor.take()
    assert loaded(container) == [(30, Decimal("300.000000000000"))]
    kept = [path.read_bytes() for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert len(kept) > 3
    assert not any(signature.encode() in content or SECRET.encode() in content for content in kept)
    assert signature not in caplog.text


@pytest.mark.parametrize(("permission", "valid"), [("r", True), ("rl", False)])
def test_a_sas_token_that_is_not_enough_is_said_without_showing_it(
    container: Container, monkeypatch: pytest.MonkeyPatch, permission: str, valid: bool
):
    token = sas(container, permission, valid=valid)
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", f'{{"extra": {{"sas_token": "{token}"}}}}')
    with pytest.raises(CspbillError, match=r"403 .*a SAS token the permissions read and list") as caught:
        container.vendor.take()
    assert "sig=" not in str(caught.value)


def test_a_wrong_key_and_a_missing_container_are_clear_errors(
    container: Container, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(
        CspbillError, match="az://nowhere/cost/: 404 ContainerNotFound; there is no such container"
    ):
        container.vendor.with_options(path="az://nowhere/cost").take()
    wrong = "d3Jvbmc" + KEY[7:]
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", f'{{"login": "{ACCOUNT}", "password": "{wrong}"}}')
    with pytest.raises(CspbillError, match=r"403 (AuthorizationFailure|AuthenticationFailed)") as caught:
        container.vendor.take()
    assert wrong[:20] not in str(caught.value)


def test_a_connection_string_from_the_environment_of_azures_tools_is_used(
    container: Container, monkeypatch: pytest.MonkeyPatch
):
    endpoint = container.vendor.source.options["endpoint_url"]
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};",
    )
    container.vendor.run(month_of())
    container.vendor.with_options(connection="", endpoint_url="").take()
    assert loaded(container) == [(30, Decimal("300.000000000000"))]


def source(**options: str) -> Source:
    return Source("azure", "azure_export", "Microsoft", Decimal(0), (), {"path": "az://c/p", **options})


def test_a_signed_address_in_the_configuration_is_refused_without_showing_it():
    with pytest.raises(InputError, match="a SAS token is a secret and belongs into the connection") as caught:
        azure_blob.access_of(source(endpoint_url="https://a.blob.core.windows.net?sig=abcdef"))
    assert "abcdef" not in str(caught.value)


def test_an_account_that_is_not_named_is_said(monkeypatch: pytest.MonkeyPatch):
    for name in ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="endpoint_url: source azure: missing; allowed is https://<account>"):
        azure_blob.access_of(source())


@pytest.mark.parametrize(
    ("connection", "credential", "url"),
    [
        (
            '{"login": "acct", "password": "a2V5"}',
            "AzureNamedKeyCredential",
            "https://acct.blob.core.windows.net",
        ),
        (
            '{"host": "acct.blob.core.windows.net"}',
            "DefaultAzureCredential",
            "https://acct.blob.core.windows.net",
        ),
        ("wasb://acct:a2V5@", "AzureNamedKeyCredential", "https://acct.blob.core.windows.net"),
        (
            '{"login": "app", "password": "s", "host": "acct.blob.core.windows.net", "extra": {"tenant_id": "t"}}',
            "ClientSecretCredential",
            "https://acct.blob.core.windows.net",
        ),
        (
            '{"login": "acct", "extra": {"sas_token": "?sv=1&sig=2"}}',
            "AzureSasCredential",
            "https://acct.blob.core.windows.net",
        ),
    ],
)
def test_every_kind_of_credential_is_understood(
    monkeypatch: pytest.MonkeyPatch, connection: str, credential: str, url: str
):
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", connection)
    access = azure_blob.access_of(source(connection="storage"))
    assert (type(access.credential).__name__, access.url) == (credential, url)


def test_a_connection_string_that_is_broken_is_said_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", f'{{"extra": {{"connection_string": "AccountKey={KEY}"}}}}')
    vendor = reseller(tmp_path, path="az://c/p", connection="storage")
    with pytest.raises(InputError, match="connection: source azure: ") as caught:
        vendor.take()
    assert SECRET not in str(caught.value)


def test_an_identity_that_cannot_sign_in_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(
        "AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"
    )  # else it looks for one on the network
    monkeypatch.setenv("AIRFLOW_CONN_STORAGE", '{"host": "https://127.0.0.1:9/acct"}')
    vendor = reseller(tmp_path, path="az://c/p", connection="storage")
    with pytest.raises(
        CspbillError, match=r"source azure: az://c/p/: .*; the key, token or identity is not accepted"
    ):
        vendor.take()
