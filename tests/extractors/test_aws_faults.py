"""What networks and accounts do to a download from S3: retried where it helps, one clear error where it does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.aws_exports import PAYER, AwsVendor, legacy_csv, legacy_manifest, month_of, new_vendor
from emulators.faults import FaultProxy, fault_proxy
from emulators.s3 import KEY_ID, REGION, SECRET, Bucket, s3_server

from cspbill.errors import CspbillError
from extractors import landing

MANIFEST = "cur/daily/20240401-20240501/daily-Manifest.json"
DATA = "cur/daily/20240401-20240501/daily-00001.csv.gz"
LOADED = [(PAYER, "2024-04", 30, Decimal("300.000000000000"))]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def proxy(endpoint: str) -> Iterator[FaultProxy]:
    with fault_proxy(endpoint, stall=1.5) as running:
        yield running


@pytest.fixture
def bucket(endpoint: str, request: pytest.FixtureRequest) -> Bucket:
    bucket = Bucket(endpoint, f"b{abs(hash(request.node.name))}")
    bucket.put(DATA, legacy_csv(month_of()))
    bucket.put(MANIFEST, legacy_manifest("daily", [DATA]))
    return bucket


@pytest.fixture
def vendor(bucket: Bucket, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AwsVendor:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setattr("extractors.stores.s3_client.READ_TIMEOUT", 0.7)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)
    _shorten_landing(monkeypatch)
    return new_vendor(tmp_path, path=f"s3://{bucket.name}", endpoint_url=proxy.url, region=REGION)


def _shorten_landing(monkeypatch: pytest.MonkeyPatch) -> None:
    from extractors import retrying

    for name in ("first_wait", "longest_wait"):
        monkeypatch.setattr(retrying.PATIENCE, name, 0.01)


LISTING = "list-type=2"


@pytest.mark.parametrize("request_to", [LISTING, "Manifest.json", "daily-00001.csv.gz"])
@pytest.mark.parametrize("fault", ["timeout", "reset", 500, 503, 429])
def test_a_fault_that_passes_is_retried_at_every_request(
    vendor: AwsVendor, proxy: FaultProxy, request_to: str, fault: str | int
):
    proxy.plan(request_to, fault, 1)
    vendor.run()
    assert proxy.met == [fault]
    assert vendor.raw() == LOADED


@pytest.mark.parametrize("fault", ["truncate", "corrupt"])
def test_a_file_that_did_not_come_whole_is_fetched_again(vendor: AwsVendor, proxy: FaultProxy, fault: str):
    proxy.plan("daily-00001.csv.gz", fault, 2)
    vendor.run()
    assert proxy.met == [fault, fault]
    assert vendor.raw() == LOADED


@pytest.mark.parametrize("fault", ["truncate", "corrupt"])
def test_a_file_that_never_comes_whole_is_one_error_with_source_and_object(
    vendor: AwsVendor, proxy: FaultProxy, fault: str
):
    proxy.plan("daily-00001.csv.gz", fault, 100)
    with pytest.raises(CspbillError, match=r"aws.*daily-00001\.csv\.gz"):
        vendor.run()
    assert vendor.raw() == []


@pytest.mark.parametrize("fault", ["timeout", "reset", 500, 503])
def test_a_service_that_stays_away_is_one_error_with_source_and_place(
    vendor: AwsVendor, proxy: FaultProxy, fault: str | int
):
    proxy.plan(LISTING, fault, 100)
    with pytest.raises(CspbillError, match=r"source aws: s3://"):
        vendor.run()
    assert 2 <= len(proxy.requests) <= 12


DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
EXPIRED = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"


@pytest.mark.parametrize("request_to", [LISTING, "Manifest.json", "daily-00001.csv.gz"])
def test_a_permission_that_was_revoked_is_said_with_what_to_grant(
    vendor: AwsVendor, proxy: FaultProxy, request_to: str
):
    proxy.plan(request_to, 403, 100, headers={"Content-Type": "application/xml"}, body=DENIED)
    with pytest.raises(CspbillError, match=r"AccessDenied.*grant s3:ListBucket") as caught:
        vendor.run()
    assert "s3://" in str(caught.value)
    assert request_to == LISTING or request_to in str(caught.value)
    assert len(proxy.requests) <= 4  # it helps nobody to ask again


def test_a_session_that_has_expired_is_said_with_what_to_do(vendor: AwsVendor, proxy: FaultProxy):
    proxy.plan("daily-00001.csv.gz", 400, 100, headers={"Content-Type": "application/xml"}, body=EXPIRED)
    with pytest.raises(CspbillError, match=r"ExpiredToken.*role_arn, which is renewed by itself"):
        vendor.run()


def test_a_file_that_aws_replaces_meanwhile_is_left_to_the_next_run(
    vendor: AwsVendor, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    fetch = landing.fetch

    def replaced(extractor, file, target, **named):
        bucket.put(DATA, legacy_csv(month_of(30, "20")))
        return fetch(extractor, file, target, **named)

    monkeypatch.setattr(landing, "fetch", replaced)
    assert "changed while it was read" in vendor.run().incomplete[0]
    assert vendor.raw() == []


def test_a_run_with_nothing_new_asks_for_the_listing_alone(vendor: AwsVendor, proxy: FaultProxy):
    vendor.run()
    proxy.clear()
    vendor.run()
    assert [path.count("/") for _, path in proxy.requests] == [1]


def test_a_role_is_assumed_with_its_external_id_and_no_secret_is_left_anywhere(
    vendor: AwsVendor,
    proxy: FaultProxy,
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    extra = {"role_arn": "arn:aws:iam::111111111111:role/billing", "external_id": "ours-and-theirs"}
    connection = {"conn_type": "aws", "login": KEY_ID, "password": SECRET, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_BILLING", json.dumps(connection))
    caplog.set_level(logging.INFO)
    reading = vendor.with_options(connection="aws_billing")
    reading.run()
    assert reading.raw() == LOADED
    assert [path for method, path in proxy.requests if method == "POST"] == ["/"]
    left = b"".join(path.read_bytes() for path in vendor.settings.home.rglob("*") if path.is_file())
    for secret in (SECRET, "ours-and-theirs", "FwoGZXIvYXdzE"):
        assert secret.encode() not in left
        assert secret not in caplog.text


def test_a_role_that_cannot_be_assumed_is_named_with_what_to_check(vendor: AwsVendor, proxy: FaultProxy):
    denied = (
        b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        b"<Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error>"
        b"</ErrorResponse>"
    )
    proxy.plan(
        lambda method, _: method == "POST", 403, 100, headers={"Content-Type": "text/xml"}, body=denied
    )
    reading = vendor.with_options(
        role_arn="arn:aws:iam::111111111111:role/billing", external_id="ours-and-theirs"
    )
    with pytest.raises(
        CspbillError, match=r"role/billing cannot be assumed: check its trust policy"
    ) as caught:
        reading.run()
    assert "ours-and-theirs" not in str(caught.value)


def test_without_any_credentials_the_error_says_so(vendor: AwsVendor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CspbillError, match=r"source aws: s3://.*credentials"):
        vendor.run()
