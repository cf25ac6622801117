"""Microsoft's price sheets into the price list: Partner Center's API and files, Cost Management's exports."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from conftest import Shop
from emulators.faults import FaultProxy
from sheets_vendor import (
    CONSUMPTION_COLUMNS,
    LICENCE_COLUMNS,
    SECRETS,
    Server,
    consumption,
    licence,
    sheet,
    zipped,
)  # fmt: skip

BASIC = "CFQ7TTC0LH18:0001"
PARTNER = ("microsoft", "--market", "DE", "--connection", "partner", "--sku", BASIC)


def addresses(url: str) -> tuple[str, ...]:
    return ("--api-url", url, "--login-url", url)


def test_the_refresh_token_buys_a_token_and_the_zip_becomes_licence_prices(shop: Shop, server: Server):
    monthly = licence(BASIC, "4", "5", BillingPlan="Monthly")
    server.put_sheet(
        sheet(LICENCE_COLUMNS, [licence(BASIC, "48", "60"), monthly, licence("OTHER:0001", "1", "2")])
    )
    shop.fill(*PARTNER, *addresses(server.url))
    assert server.asked[0] == "/t-1/oauth2/v2.0/token"
    assert server.forms == [
        {
            "grant_type": "refresh_token", "client_id": "client-id", "client_secret": SECRETS[0],
            "refresh_token": SECRETS[1], "scope": "https://api.partner.microsoft.com/.default",
        }
    ]  # fmt: skip
    assert shop.listed(
        "vendor", "sku", "unit", "list_price", "cost_price", "currency", "valid_from", "valid_to"
    ) == [
        ("Microsoft", BASIC, "Licenses P1Y Annual", "60", "48", "EUR", "2023-02-01", ""),
        ("Microsoft", BASIC, "Licenses P1Y Monthly", "5", "4", "EUR", "2023-02-01", ""),
    ]


def test_a_past_month_is_asked_for_as_history_and_counts_for_that_month_only(shop: Shop, server: Server):
    server.put_sheet(
        sheet(LICENCE_COLUMNS, [licence(BASIC, "40", "50")]), query="timeline=history&month=202406"
    )
    shop.fill(*PARTNER, *addresses(server.url), "--month", "2024-06")
    assert shop.listed("list_price", "valid_from", "valid_to") == [("50", "2024-06-01", "2024-07-01")]


def test_a_past_month_s_price_is_cut_into_the_one_that_surrounds_it(shop: Shop, server: Server):
    server.put_sheet(sheet(LICENCE_COLUMNS, [licence(BASIC, "48", "60")]))
    shop.fill(*PARTNER, *addresses(server.url))
    server.put_sheet(
        sheet(LICENCE_COLUMNS, [licence(BASIC, "40", "50")]), query="timeline=history&month=202406"
    )
    shop.fill(*PARTNER, *addresses(server.url), "--month", "2024-06")
    assert shop.listed("list_price", "valid_from", "valid_to") == [
        ("60", "2023-02-01", "2024-06-01"),
        ("50", "2024-06-01", "2024-07-01"),
        ("60", "2024-07-01", ""),
    ]


def test_next_month_is_asked_for_as_the_future_and_ends_today_s_price(shop: Shop, server: Server):
    server.put_sheet(sheet(LICENCE_COLUMNS, [licence(BASIC, "48", "60")]))
    shop.fill(*PARTNER, *addresses(server.url))
    server.put_sheet(sheet(LICENCE_COLUMNS, [licence(BASIC, "50", "66")]), query="timeline=future")
    shop.fill(*PARTNER, *addresses(server.url), "--month", "2024-10")
    assert shop.listed("list_price", "valid_from", "valid_to") == [
        ("60", "2023-02-01", "2024-10-01"),
        ("66", "2024-10-01", ""),
    ]


def test_only_the_segment_that_is_asked_for_is_taken(shop: Shop):
    rows = [licence(BASIC, "48", "60"), licence(BASIC, "10", "12", Segment="Education")]
    file = shop.put("licences.csv", sheet(LICENCE_COLUMNS, rows))
    shop.fill("microsoft", "--file", file, "--sku", BASIC)
    assert shop.listed("list_price") == [("60",)]


def test_overlapping_prices_hold_as_microsoft_documents(shop: Shop):
    """The earlier one counts until it ends on 3 November, the later one from then on."""
    rows = [
        licence(BASIC, "48", "60", EffectiveStartDate="2021-10-01T00:00:00.0000000Z",
                EffectiveEndDate="2021-11-03T06:57:30.0682597Z"),
        licence(BASIC, "50", "66", EffectiveStartDate="2021-11-01T00:00:00.0000000Z",
                EffectiveEndDate="9999-11-30T23:59:59.0000000Z"),
    ]  # fmt: skip
    shop.fill("microsoft", "--file", shop.put("l.csv", sheet(LICENCE_COLUMNS, rows)), "--sku", BASIC)
    assert shop.listed("list_price", "valid_from", "valid_to") == [
        ("60", "2021-10-01", "2021-11-03"),
        ("66", "2021-11-03", ""),
    ]


@pytest.mark.parametrize(
    ("end", "first_day_after"),
    [
        ("9/30/2024 11:59:59 PM", "2024-10-01"),
        ("9/15/2024 11:59:59 PM", "2024-09-16"),
        ("9/15/2024 23:59", "2024-09-16"),
        ("9/16/2024 12:00:00 AM", "2024-09-16"),
        ("9/30/2024", "2024-10-01"),
    ],
)
def test_an_inclusive_last_moment_becomes_the_day_after_it(shop: Shop, end, first_day_after):
    row = licence(BASIC, "48", "60", EffectiveEndDate=end)
    shop.fill("microsoft", "--file", shop.put("l.csv", sheet(LICENCE_COLUMNS, [row])), "--sku", BASIC)
    assert shop.listed("valid_from", "valid_to") == [("2023-02-01", first_day_after)]


def test_a_placeholder_start_means_always_and_zeros_that_a_spreadsheet_dropped_come_back(shop: Shop):
    row = licence("CFQ7TTC0LH18:1", "48", "60", EffectiveStartDate="1/1/1753 12:00:00 AM")
    shop.fill("microsoft", "--file", shop.put("l.csv", sheet(LICENCE_COLUMNS, [row])), "--sku", BASIC)
    assert shop.listed("sku", "valid_from") == [(BASIC, "")]


def test_azure_meters_are_offered_by_meter_and_by_product_and_reservations_are_left_out(shop: Shop):
    rows = [
        consumption("DZH318Z0C16V:001J", "meter-a;meter-b", "15"),
        consumption("DZH318Z0C16V:001J", "meter-a;meter-b", "9", TermDuration="P1Y"),
        consumption("DZH318Z0TIER:0002", "meter-c", "0.08", PricingTierRangeMin="50"),
        consumption("DZH318Z0TIER:0002", "meter-c", "0.1", PricingTierRangeMin="0"),
    ]
    file = shop.put("consumption.csv", sheet(CONSUMPTION_COLUMNS, rows))
    shop.fill(
        "microsoft", "--file", file, "--sku", "METER-A", "--sku", "dzh318z0c16v:001j", "--sku", "meter-c"
    )
    assert shop.listed("sku", "unit", "list_price", "cost_price", "currency") == [
        ("DZH318Z0C16V:001J", "1 Hour", "15", "", "USD"),
        ("meter-a", "1 Hour", "15", "", "USD"),
        ("meter-c", "1 Hour", "0.1", "", "USD"),
    ]


def test_two_prices_for_one_meter_on_one_day_are_left_out_and_said(shop: Shop):
    rows = [
        consumption("A:0001", "used", "1"),
        consumption("B:0001", "used", "2"),
        consumption("C:0001", "sure", "3"),
    ]
    file = shop.put("consumption.csv", sheet(CONSUMPTION_COLUMNS, rows))
    # The title is part of what a price is of: the same one twice is what decides nothing.
    output = shop.fill("microsoft", "--file", file, "--sku", "sure")
    assert shop.listed("sku", "list_price") == [("sure", "3")]
    assert (
        "1 prices left out: microsoft azure_consumption DE gives two for the same sku, unit and day" in output
    )
    assert "used per 1 Hour" in output


MCA = (
    "BillingAccountId", "BillingProfileId", "ServiceFamily", "Product", "ProductId", "SkuId", "UnitOfMeasure",
    "MeterId", "MeterName", "MeterCategory", "MeterRegion", "TierMinimumUnits", "EffectiveStartDate",
    "EffectiveEndDate", "UnitPrice", "BasePrice", "MarketPrice", "Currency", "BillingCurrency", "Term", "PriceType",
)  # fmt: skip
EA = (
    "EnrollmentNumber", "MeterID", "MeterName", "MeterCategory", "Product", "SkuID", "ProductID", "MeterRegion",
    "UnitOfMeasure", "PartNumber", "EffectiveStartDate", "EffectiveEndDate", "UnitPrice", "BasePrice", "MarketPrice",
    "CurrencyCode", "IncludedQuantity", "OfferID", "Term", "PriceType",
)  # fmt: skip


def test_a_customer_agreement_s_price_sheet_gives_market_and_own_price_of_its_month(shop: Shop):
    row = {
        "BillingProfileId": "BP-1", "Product": "B1s - UK South", "ProductId": "DZH318Z0BQ4L", "SkuId": "00TG",
        "UnitOfMeasure": "10 Hours", "MeterId": "m-1", "MeterCategory": "Virtual Machines", "MeterRegion": "UK South",
        "TierMinimumUnits": "0", "EffectiveStartDate": "2024-09-01T00:00:00Z",
        "EffectiveEndDate": "2024-09-30T00:00:00Z", "UnitPrice": "0.09", "MarketPrice": "0.1", "Currency": "USD",
        "BillingCurrency": "EUR", "PriceType": "Consumption",
    }  # fmt: skip
    plan = row | {"PriceType": "SavingsPlan", "Term": "P1Y", "MarketPrice": "0.07"}
    shop.fill(
        "microsoft",
        "--file",
        shop.put("mca.csv", sheet(MCA, [row, plan])),
        "--sku",
        "m-1",
        "--sku",
        "DZH318Z0BQ4L00TG",
    )
    assert shop.listed("sku", "unit", "list_price", "cost_price", "currency", "valid_from", "valid_to") == [
        ("DZH318Z0BQ4L00TG", "10 Hours", "0.1", "0.09", "USD", "2024-09-01", "2024-10-01"),
        ("m-1", "10 Hours", "0.1", "0.09", "USD", "2024-09-01", "2024-10-01"),
    ]


COMPUTE = {
    "BillingProfileId": "BP-1", "UnitOfMeasure": "1 Hour", "MeterCategory": "Virtual Machines", "Currency": "USD",
    "PriceType": "Consumption", "UnitPrice": "1",
}  # fmt: skip


def month_sheet(month: str, last_day: str, **prices: str) -> str:
    """A Cost Management price sheet of one month, market prices by meter."""
    when = {
        "EffectiveStartDate": f"{month}-01T00:00:00Z",
        "EffectiveEndDate": f"{month}-{last_day}T00:00:00Z",
    }
    rows = [COMPUTE | when | {"MeterId": meter, "MarketPrice": price} for meter, price in prices.items()]
    return sheet(MCA, rows)


def test_a_month_s_price_sheet_speaks_for_its_month_only(shop: Shop):
    take = ("--sku", "m", "--sku", "n")
    shop.fill("microsoft", "--file", shop.put("10.csv", month_sheet("2024-10", "31", m="3", n="5")), *take)
    shop.fill("microsoft", "--file", shop.put("09.csv", month_sheet("2024-09", "30", m="2", n="4")), *take)
    shop.fill("microsoft", "--file", shop.put("09.csv", month_sheet("2024-09", "30", m="2.5")), *take)
    assert shop.listed("sku", "list_price", "valid_from", "valid_to") == [
        ("m", "2.5", "2024-09-01", "2024-10-01"),
        ("m", "3", "2024-10-01", "2024-11-01"),
        ("n", "5", "2024-10-01", "2024-11-01"),
    ]


def test_an_enterprise_price_sheet_is_offered_by_part_number_without_developer_prices(shop: Shop):
    row = {
        "EnrollmentNumber": "8611537", "MeterID": "aaaef613", "MeterCategory": "Storage", "UnitOfMeasure": "10K",
        "PartNumber": "AAD-37090", "EffectiveStartDate": "2023-09-01", "EffectiveEndDate": "2023-09-30",
        "UnitPrice": "0.09", "MarketPrice": "0.1", "CurrencyCode": "USD", "OfferID": "MS-AZR-0017P",
        "PriceType": "Consumption",
    }  # fmt: skip
    developer = row | {"OfferID": "MS-AZR-0148P", "MarketPrice": "0.05"}
    shop.fill("microsoft", "--file", shop.put("ea.csv", sheet(EA, [row, developer])), "--sku", "AAD-37090")
    assert shop.listed("sku", "list_price", "unit", "valid_to") == [("AAD-37090", "0.1", "10K", "2023-10-01")]


LEGACY = (
    "A/C/D/U", "Valid From Date", "Valid To Date", "Offer Display Name", "Offer ID", "License Agreement Type",
    "Purchase Unit", "Secondary License Type", "End Customer Type", "List Price", "ERP Price", "Material",
)  # fmt: skip


def test_a_legacy_licence_sheet_needs_its_currency_and_leaves_deleted_offers_out(shop: Shop):
    row = {
        "A/C/D/U": "UNC", "Valid From Date": "9/1/2024", "Valid To Date": "12/31/9999",
        "Offer Display Name": "Exchange Online", "Offer ID": "195416c1", "License Agreement Type": "Corporate",
        "Purchase Unit": "1 Month(s)", "List Price": "2.5", "ERP Price": "3.4",
    }  # fmt: skip
    gone = row | {"A/C/D/U": "DEL", "ERP Price": "9"}
    file = shop.put("legacy.csv", sheet(LEGACY, [row, gone]))
    assert "name it: --currency EUR" in shop.refused("microsoft", "--file", file, "--sku", "195416c1")
    shop.fill("microsoft", "--file", file, "--currency", "eur", "--sku", "195416c1")
    assert shop.listed("sku", "unit", "list_price", "cost_price", "currency") == [
        ("195416c1", "1 Month(s)", "3.4", "2.5", "EUR")
    ]


def test_a_zip_that_was_downloaded_by_hand_is_read_and_a_damaged_one_refused(shop: Shop):
    packed = zipped(sheet(LICENCE_COLUMNS, [licence(BASIC, "48", "60")]))
    assert "damaged or cut short" in shop.refused("microsoft", "--file", shop.put("cut.zip", packed[:-60]))
    shop.fill("microsoft", "--file", shop.put("sheet.zip", packed), "--sku", BASIC)
    assert shop.listed("list_price") == [("60",)]


def test_a_missing_column_and_a_foreign_file_are_named(shop: Shop):
    columns = [name for name in LICENCE_COLUMNS if name != "ERP Price"]
    row = licence(BASIC, "48", "60")
    del row["ERP Price"]
    message = shop.refused("microsoft", "--file", shop.put("l.csv", sheet(columns, [row])))
    assert (
        "l.csv:1: ERP Price: column is missing; a licence price sheet needs it; the file has: ProductTitle"
        in message
    )
    message = shop.refused("microsoft", "--file", shop.put("x.csv", "a,b\n1,2\n"))
    assert "x.csv:1: not a price sheet by its columns; allowed: a licence price sheet" in message


@pytest.mark.parametrize("place", ["oauth2", "pricesheets"])
@pytest.mark.parametrize("fault", [429, 500, "reset", "truncate"])
def test_trouble_that_passes_is_tried_again(shop: Shop, server: Server, proxy: FaultProxy, fault, place):
    server.put_sheet(sheet(LICENCE_COLUMNS, [licence(BASIC, "48", "60")]))
    proxy.plan(place, fault, headers={"Retry-After": "0"} if fault == 429 else None)
    shop.fill(*PARTNER, *addresses(proxy.url))
    assert shop.listed("list_price") == [("60",)]
    assert proxy.met == [fault]


def test_a_zip_that_always_comes_damaged_is_one_clear_error(shop: Shop, server: Server, proxy: FaultProxy):
    server.put_sheet(sheet(LICENCE_COLUMNS, [licence(f"P{n}:0001", "1", "2") for n in range(500)]))
    proxy.plan("pricesheets", "corrupt", times=99)
    message = shop.refused(*PARTNER, *addresses(proxy.url))
    assert "microsoft updatedlicensebased DE: the compressed file is damaged or cut short" in message


def test_a_refused_refresh_token_says_what_to_do_and_no_secret_is_anywhere(
    shop: Shop, server: Server, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    server.token_status = 400
    message = shop.refused(*PARTNER, *addresses(server.url))
    assert "refuses the refresh token of connection 'partner' (HTTP 400 invalid_grant)" in message
    assert "sign in again" in message
    server.token_status = 200
    server.put_sheet(sheet(LICENCE_COLUMNS, [licence(BASIC, "48", "60")]))
    output = shop.fill(*PARTNER, *addresses(server.url))
    for secret in SECRETS:
        assert secret not in message + output + caplog.text
        assert not [path for path in _files(shop.config.parent) if secret.encode() in path.read_bytes()]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_connection_without_a_refresh_token_names_what_it_lacks(
    shop: Shop, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(
        "AIRFLOW_CONN_PARTNER", '{"login": "id", "password": "hush", "extra": {"tenant_id": "t"}}'
    )
    message = shop.refused(*PARTNER, *addresses(server.url))
    assert message == "connection 'partner' lacks extra refresh_token\n"
    assert server.asked == []


def test_a_revoked_permission_is_named(shop: Shop, server: Server, proxy: FaultProxy):
    proxy.plan("pricesheets", 403, times=9)
    message = shop.refused(*PARTNER, *addresses(proxy.url))
    assert "microsoft updatedlicensebased DE: HTTP 403 (permission is missing or was revoked)" in message
