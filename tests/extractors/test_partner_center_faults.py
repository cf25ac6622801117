"""Partner Center on a bad day: what is tried again, what is one clear error, and what is never written down."""

from __future__ import annotations

import datetime as dt
import gzip
import logging
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from emulators.faults import FaultProxy, fault_proxy
from emulators.partner_center import SECRET, PartnerCenter, partner_center
from emulators.partner_center_files import daily, days, invoiced, licence, total, usage_line
from partner_center_vendor import Partner, clock, new_partner

from cspbill.errors import CspbillError, InputError
from extractors import landing, retrying
from extractors.partner_center import exports, service
from extractors.registry import extractor_for

NUMBER = "G016907411"
LINES = invoiced(
    NUMBER,
    [
        licence("fabrikam", "36.00", 5, TaxTotal=Decimal("34.20")),
        usage_line("fabrikam", "Virtual Machines - D2", "0.10", "720", effective="0.085"),
    ],
)
USAGE = invoiced(NUMBER, [daily("fabrikam", "azure-1", day, "0.10", "24") for day in days()])
REQUESTS = {
    "sign-in": "/token",
    "invoices": "/v1/invoices",
    "export": "/export",
    "operation": "/operations/",
    "manifest": "/manifests/",
    "part": "billedusagefastpath",
}


@pytest.fixture
def double() -> Iterator[PartnerCenter]:
    with partner_center() as running:
        running.invoice(NUMBER, str(total(LINES)), "2024-10-09")
        running.put("reconciliation", "billed", NUMBER, parts=[LINES[:1], LINES[1:]])
        running.put("usage", "billed", NUMBER, parts=[USAGE])
        yield running


@pytest.fixture
def proxy(double: PartnerCenter) -> Iterator[FaultProxy]:
    with fault_proxy(double.url, stall=0.6) as running:
        yield running


@pytest.fixture
def partner(
    tmp_path: Path, double: PartnerCenter, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> Partner:
    clock()
    monkeypatch.setattr(retrying, "PATIENCE", retrying.Patience(4, 0.01, 0.05))
    monkeypatch.setattr(exports, "WAITING", exports.Waiting(0.01, 0.01, 0.05, 2.0))
    monkeypatch.setattr(service, "TIMEOUT", httpx.Timeout(0.3))
    return new_partner(tmp_path, double, proxy.url, monkeypatch)


def copied(partner: Partner, folder: Path) -> list[bytes]:
    """Discover and copy every file, as an extract does before gate 1; the unpacked contents."""
    extractor = extractor_for(partner.settings, partner.source)
    contents = []
    for delivery in extractor.discover(None).deliveries:
        for file in delivery.files:
            target = folder / file.name
            landing.fetch(extractor, file, target, source="csp")
            contents.append(gzip.decompress(target.read_bytes()))
    return contents


@pytest.mark.parametrize("fault", ["timeout", "reset", 429, 500, 503])
@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_fault_that_passes_costs_time_only(
    partner: Partner, proxy: FaultProxy, tmp_path: Path, request_name: str, fault: str | int
):
    proxy.plan(REQUESTS[request_name], fault, times=2)
    contents = copied(partner, tmp_path)
    assert proxy.met == [fault, fault]
    assert [content.count(b"\n") for content in contents] == [30, 1, 1]


@pytest.mark.parametrize("fault", ["truncate", "corrupt"])
@pytest.mark.parametrize("checksum", [True, False])
def test_a_part_that_does_not_come_whole_is_copied_again(
    partner: Partner, double: PartnerCenter, proxy: FaultProxy, tmp_path: Path, fault: str, checksum: bool
):
    double.md5 = checksum
    proxy.plan(REQUESTS["part"], fault, times=2)
    assert [content.count(b"\n") for content in copied(partner, tmp_path)] == [30, 1, 1]
    assert proxy.met == [fault, fault]


@pytest.mark.parametrize("fault", ["timeout", "reset", 429, 500, 503, "truncate", "corrupt"])
def test_a_part_that_never_comes_is_one_error_that_names_it_and_lands_nothing(
    partner: Partner, proxy: FaultProxy, fault: str | int
):
    proxy.plan(REQUESTS["part"], fault, times=1000)
    with pytest.raises(CspbillError) as error:
        partner.extract()
    assert "source csp" in str(error.value)
    assert f"/billed/{NUMBER}/part-0000" in str(error.value)
    assert "run it again later" in str(error.value)
    assert not list(partner.settings.landing.glob("csp/2024-09/*"))


@pytest.mark.parametrize("request_name", ["sign-in", "invoices", "export", "operation", "manifest"])
def test_a_service_that_stays_down_is_one_error_that_names_the_request(
    partner: Partner, proxy: FaultProxy, request_name: str
):
    proxy.plan(REQUESTS[request_name], 503, times=1000)
    with pytest.raises(CspbillError, match=r"source csp: (GET|POST) /v1.*503.*given up after 4 attempts"):
        partner.extract()


def test_the_wait_that_throttling_asks_for_is_kept(partner: Partner, proxy: FaultProxy, tmp_path: Path):
    proxy.plan(REQUESTS["export"], 429, headers={"Retry-After": "0.4"})
    started = time.monotonic()
    copied(partner, tmp_path)
    assert time.monotonic() - started > 0.4


def test_a_token_that_is_revoked_in_between_is_renewed(
    partner: Partner, double: PartnerCenter, tmp_path: Path
):
    extractor = extractor_for(partner.settings, partner.source)
    extractor.discover(None)
    double.expire_tokens()
    assert len(extractor.discover(None).deliveries) == 1


def test_a_token_is_renewed_before_it_ends(partner: Partner, double: PartnerCenter):
    double.token_life = 1
    extractor = extractor_for(partner.settings, partner.source)
    extractor.discover(None)
    before = double.asked("POST", "/token")
    time.sleep(0.9)
    extractor.discover(None)
    assert double.asked("POST", "/token") > before
    assert (double.asked("GET", "/operations/"), before) == (4 + 3, 1)  # none was refused and repeated


def test_a_revoked_permission_says_which_one_to_grant(partner: Partner, double: PartnerCenter):
    double.permitted = False
    with pytest.raises(CspbillError, match=r"source csp: GET /v1/invoices: 403 .*PartnerBilling\.Read\.All"):
        partner.extract()


def test_a_wrong_secret_says_what_to_check_and_not_what_it_is(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER", '{"login": "app", "password": "not-the-secret"}')
    with pytest.raises(CspbillError, match=r"sign-in at 127.*401.*invalid_client.*client secret") as error:
        partner.extract()
    assert "not-the-secret" not in str(error.value)


@pytest.mark.parametrize("option", ["tenant_id", "connection"])
def test_what_the_configuration_lacks_is_named(partner: Partner, option: str):
    with pytest.raises(InputError, match=f"source csp: {option} must be given"):
        partner.with_options(**{option: ""}).extract()


def test_a_connection_that_is_not_set_names_its_variable(partner: Partner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AIRFLOW_CONN_PARTNER")
    with pytest.raises(InputError, match="AIRFLOW_CONN_PARTNER"):
        partner.extract()


def test_a_link_that_is_refused_even_when_fresh_is_an_error(partner: Partner, double: PartnerCenter):
    double.link_life = dt.timedelta(seconds=-1)
    with pytest.raises(CspbillError, match=r"part-0000.*has just issued is refused \(403") as error:
        partner.extract()
    assert "sig=" not in str(error.value)


def test_data_that_changed_before_it_was_copied_waits_for_the_next_run(
    partner: Partner, double: PartnerCenter
):
    good, double.link_life = double.link_life, dt.timedelta(seconds=-1)

    def change() -> None:
        double.link_life = good
        double.put("usage", "billed", NUMBER, parts=[USAGE[:15], USAGE[15:]])

    double.on_refusal = change
    assert "changed while it was read" in partner.extract().incomplete[0]
    assert [one.rows for one in partner.run().landed] == [32]


def test_an_export_that_fails_is_reported_and_the_other_currency_goes_on(
    partner: Partner, double: PartnerCenter
):
    dollars = invoiced("G02", [licence("wingtip", "40.00", 2, Currency="USD", PricingCurrency="USD")])
    double.invoice("G02", "80.00", "2024-10-09", "USD")
    double.put("reconciliation", "billed", "G02", parts=[dollars])
    double.reports.pop(("reconciliation", "billed", NUMBER))
    double.broken = ("reconciliation", "billed", NUMBER)
    result = partner.run()
    assert [one.scope for one in result.landed] == ["USD"]
    assert [str(problem) for problem in result.problems] == [
        f"csp/reconciliation/billed/{NUMBER}: Microsoft could not make the export: 5001: Internal error"
    ]
    assert result.incomplete == ()


def test_a_changed_schema_is_refused_with_the_columns_name(partner: Partner, double: PartnerCenter):
    renamed = [
        {("NetAmount" if key == "Subtotal" else key): value for key, value in row.items()} for row in LINES
    ]
    double.put("reconciliation", "billed", NUMBER, parts=[renamed])
    result = partner.run()
    assert len(result.quarantined) == 1
    assert any(problem.column == "Subtotal" for problem in result.problems)


def test_a_token_is_never_sent_to_another_host(partner: Partner, proxy: FaultProxy, double: PartnerCenter):
    with fault_proxy(double.url) as elsewhere:
        location = f"{elsewhere.url}/v1.0/reports/partners/billing/operations/1"
        proxy.plan(REQUESTS["export"], 202, headers={"Location": location})
        with pytest.raises(CspbillError, match="it leads to another host"):
            partner.extract()
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b'{"eTag": "1", "sasToken": "sig=s3cr3t", "blobs": [{"name": "a.json.gz"}]}', "lacks rootDirectory"),
        (
            b'{"eTag": "1", "rootDirectory": "x", "sasToken": "s3cr3t", "blobCount": 2, "blobs": [{"name": "a.gz"}]}',
            "counts 2 blobs and lists 1",
        ),
        (
            b'{"eTag": "1", "rootDirectory": "http://x", "sasToken": "sig=s3cr3t", "blobs": [{"name": "../a.gz"}]}',
            "segment",
        ),
        (b"<html>", "lacks rootDirectory"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_an_error_that_says_why(
    partner: Partner, proxy: FaultProxy, manifest: bytes, words: str
):
    proxy.plan(REQUESTS["manifest"], 200, body=manifest)
    with pytest.raises(CspbillError, match=words) as error:
        partner.extract()
    assert "s3cr3t" not in str(error.value)


def test_a_state_that_is_damaged_counts_as_lost(partner: Partner, double: PartnerCenter):
    partner.run()
    state = partner.settings.landing / "csp" / ".state" / "exports.json"
    state.write_text('{"operations": []', "utf-8")
    assert [one.rows for one in partner.run().unchanged] == [32]


def test_secrets_and_signed_links_are_written_nowhere(
    partner: Partner, double: PartnerCenter, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    proxy.plan(REQUESTS["part"], "reset", times=1000)
    with pytest.raises(CspbillError) as error:
        partner.extract()
    proxy.clear()
    partner.run()
    written = [partner.everything_written(), caplog.text, str(error.value), repr(error.value)]
    assert "exports.json" in {path.name for path in partner.settings.home.rglob("*")}
    assert len(double.secrets_given()) >= 4
    for secret in double.secrets_given():
        assert not any(secret in text for text in written)
    assert SECRET not in repr(partner.source)
