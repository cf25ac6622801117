"""FOCUS files in an S3 bucket: a real client against a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import boto3
import pytest
from focus_vendor import SAMPLE, Vendor, as_csv, month_of
from moto.server import ThreadedMotoServer

from cspbill.errors import CspbillError, InputError
from extractors.connections import airflow_connection
from extractors.stores.s3 import arguments


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Bucket:
    """A bucket and the vendor that reads it."""

    def __init__(self, endpoint: str, vendor: Vendor, name: str) -> None:
        self.client = boto3.client("s3", endpoint_url=endpoint, region_name="eu-central-1")
        self.client.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self.name = name
        self.vendor = vendor.with_options(
            path=f"s3://{name}/exports/", endpoint_url=endpoint, region="eu-central-1"
        )

    def put(self, key: str, content: str | bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"exports/{key}", Body=content)


@pytest.fixture
def bucket(
    endpoint: str, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Bucket:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-nobody-may-see")
    return Bucket(endpoint, vendor, f"b{abs(hash(request.node.name))}")


def test_the_real_sample_comes_from_s3_once(bucket: Bucket):
    bucket.put("focus_sample.csv", SAMPLE.read_bytes())
    bucket.client.put_object(Bucket=bucket.name, Key="elsewhere/focus.csv", Body="not ours")
    assert len(bucket.vendor.run().landed) == 2
    assert bucket.vendor.raw() == [(1000, Decimal("20.520226728990"))]
    again = bucket.vendor.run()
    assert (len(again.landed), len(again.unchanged)) == (0, 2)


def test_a_rewritten_object_with_the_same_content_is_not_read_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    bucket.put("2024-09/focus.csv", as_csv(month_of()))
    bucket.vendor.run()
    bucket.put("2024-09/focus.csv", as_csv(month_of()))
    monkeypatch.setattr("extractors.landing.fetch", lambda *_: pytest.fail("read again"))
    assert len(bucket.vendor.extract().unchanged) == 1


def test_a_manifest_in_s3_makes_a_delivery(bucket: Bucket):
    bucket.put("payer/part.csv", as_csv(month_of()))
    bucket.put(
        "payer/manifest.json",
        '{"billing_period": "2024-09", "files": ["part.csv"], "totals": {"USD": "300"}}',
    )
    assert [one.scope for one in bucket.vendor.run().landed] == ["payer"]


@pytest.mark.parametrize(
    "key", ["../../etc/cron.csv", "a/../b.csv", "back\\slash.csv", "double//slash.csv", "C:x.csv"]
)
def test_keys_with_path_tricks_are_refused_and_the_others_go_on(bucket: Bucket, key: str):
    bucket.put(key, as_csv(month_of(cost="66")))
    bucket.put("good/2024-09/focus.csv", as_csv(month_of()))
    result = bucket.vendor.run()
    assert "the file is refused" in str(result.problems[0])
    assert [one.scope for one in result.landed] == ["good"]
    assert not list(bucket.vendor.settings.home.parent.rglob("cron.csv"))


def test_a_bucket_that_does_not_exist_is_a_clear_error_without_secrets(bucket: Bucket):
    vendor = bucket.vendor.with_options(path="s3://no-such-bucket-here/exports")
    with pytest.raises(
        CspbillError, match="source aws: s3://no-such-bucket-here/exports/: NoSuchBucket"
    ) as caught:
        vendor.extract()
    assert "a-secret-that-nobody-may-see" not in str(caught.value)


def test_a_store_that_cannot_be_reached_is_a_clear_error(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(CspbillError, match="source aws: s3://"):
        bucket.vendor.with_options(endpoint_url="http://127.0.0.1:9").extract()


def test_credentials_come_from_an_airflow_connection(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    endpoint = bucket.vendor.source.options["endpoint_url"]
    monkeypatch.setenv(
        "AIRFLOW_CONN_VENDOR_S3",
        f"aws://AKIAEXAMPLE:sec%2Fret@/?region_name=eu-central-1&endpoint_url={endpoint}",
    )
    bucket.put("2024-09/focus.csv", as_csv(month_of()))
    vendor = bucket.vendor.with_options(connection="vendor_s3", endpoint_url="", region="")
    assert len(vendor.run().landed) == 1


@pytest.mark.parametrize(
    "text",
    [
        "aws://AKIAEXAMPLE:sec%2Fret@/?region_name=eu-west-1",
        '{"conn_type": "aws", "login": "AKIAEXAMPLE", "password": "sec/ret", "extra": {"region_name": "eu-west-1"}}',
        '{"login": "AKIAEXAMPLE", "password": "sec/ret", "extra": "{\\"region_name\\": \\"eu-west-1\\"}"}',
        "aws://AKIAEXAMPLE:sec%2Fret@/?__extra__=%7B%22region_name%22%3A+%22eu-west-1%22%7D",
    ],
)
def test_an_airflow_connection_is_read_as_uri_or_json(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_VENDOR_S3", text)
    assert arguments(airflow_connection("vendor_s3")) == {
        "aws_access_key_id": "AKIAEXAMPLE",
        "aws_secret_access_key": "sec/ret",
        "region_name": "eu-west-1",
    }


@pytest.mark.parametrize("text", ["", "no uri", "{not json"])
def test_a_connection_that_cannot_be_read_is_a_clear_error_without_its_value(
    text: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AIRFLOW_CONN_VENDOR_S3", text)
    with pytest.raises(InputError, match=r"connection 'vendor_s3': .*AIRFLOW_CONN_VENDOR_S3") as caught:
        airflow_connection("vendor_s3")
    assert not text or text not in str(caught.value)
