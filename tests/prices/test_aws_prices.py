"""AWS's offer files into the price list: index, region, offer file, over HTTP or downloaded by hand."""

from __future__ import annotations

import json

import pytest
from conftest import Shop
from emulators.faults import FaultProxy
from sheets_vendor import AWS_COLUMNS, Server, offer, offer_file

EC2 = ("aws", "--service", "AmazonEC2", "--region", "eu-central-1", "--url")


def test_the_index_leads_to_the_region_s_offer_file_and_only_used_skus_are_taken(shop: Shop, server: Server):
    server.put_offer(offer_file(offer("USED", "0.0960000000"), offer("OTHER", "5.0")))
    shop.fill(*EC2, server.url)
    assert shop.rows() == [
        {
            "vendor": "AWS", "service": "Amazon Elastic Compute Cloud", "sku": "USED", "region": "eu-central-1",
            "unit": "Hrs", "list_price": "0.096", "currency": "USD", "cost_price": "",
            "description": "$0.0960000000 per Hrs [sheet: aws AmazonEC2 eu-central-1]",
            "valid_from": "2024-09-01", "valid_to": "",
        }
    ]  # fmt: skip


def test_reserved_terms_are_not_list_prices(shop: Shop, server: Server):
    reserved = offer("USED", "0.05", TermType="Reserved", LeaseContractLength="1yr")
    server.put_offer(offer_file(reserved, offer("USED", "0.1")))
    shop.fill(*EC2, server.url)
    assert shop.listed("list_price") == [("0.1",)]


def test_the_first_tier_that_costs_something_is_the_list_price_and_the_description_says_so(
    shop: Shop, server: Server
):
    free = offer("USED", "0.0000000000", StartingRange="0", EndingRange="100")
    first = offer(
        "USED", "0.0900000000", StartingRange="100", EndingRange="10240", PriceDescription="$0.09 per GB"
    )
    next_one = offer("USED", "0.0850000000", StartingRange="10240")
    server.put_offer(offer_file(next_one, free, first))
    shop.fill(*EC2, server.url)
    assert shop.listed("list_price", "description") == [
        ("0.09", "$0.09 per GB (one of 3 tiers: from 100 on) [sheet: aws AmazonEC2 eu-central-1]")
    ]


def test_a_free_sku_keeps_its_price_of_0(shop: Shop, server: Server):
    server.put_offer(offer_file(offer("USED", "0.0000000000")))
    shop.fill(*EC2, server.url)
    assert shop.listed("list_price") == [("0",)]


def test_the_smallest_prices_stay_exact_and_longer_ones_are_rounded_half_away_and_said(
    shop: Shop, server: Server
):
    rows = offer_file(
        offer("USED", "0.000000000001"), offer("HALF", "0.0000000000125"), offer("SCI", "1.5E-07")
    )
    server.put_offer(rows)
    output = shop.fill(*EC2, server.url, "--sku", "half", "--sku", "sci")
    assert shop.listed("sku", "list_price") == [
        ("HALF", "0.000000000013"), ("SCI", "0.00000015"), ("USED", "0.000000000001"),
    ]  # fmt: skip
    assert "1 prices have more than 12 decimals: rounded at the 12th, half away from zero" in output


def test_a_service_or_region_that_aws_does_not_have_is_named_with_a_likely_one(shop: Shop, server: Server):
    server.put_offer(offer_file(offer("USED", "1")))
    assert "no service 'AmazonEC3'" in shop.refused("aws", "--service", "AmazonEC3", "--url", server.url)
    message = shop.refused("aws", "--service", "AmazonEC2", "--region", "eu-central-2", "--url", server.url)
    assert "no region 'eu-central-2' in AWS's index (did you mean 'eu-central-1'?)" in message


def test_a_missing_column_is_named_with_the_columns_that_are_there(shop: Shop, server: Server):
    columns = ["Price" if name == "PricePerUnit" else name for name in AWS_COLUMNS]
    row = offer("USED", "1")
    row["Price"] = row.pop("PricePerUnit")
    server.put_offer(offer_file(row, columns=columns))
    message = shop.refused(*EC2, server.url)
    assert "PricePerUnit: column is missing" in message
    assert "the file has: SKU, OfferTermCode" in message


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"PricePerUnit": "a lot"}, "2: PricePerUnit: 'a lot'; allowed: a number such as 0.0125, at least 0"),
        ({"PricePerUnit": "-1"}, "2: PricePerUnit: '-1'; allowed: a number such as 0.0125, at least 0"),
        ({"PricePerUnit": ""}, "2: PricePerUnit: blank; allowed: a price"),
        ({"Unit": ""}, "2: Unit: blank; allowed: a unit"),
        ({"Currency": "XAX"}, "2: Currency: 'XAX'; allowed: an ISO 4217 code such as USD"),
        (
            {"EffectiveDate": "soon"},
            "2: EffectiveDate: 'soon'; allowed: a time such as 2024-09-01 or 9/1/2024",
        ),
    ],
)
def test_a_wrong_value_is_named_by_sheet_row_and_column(shop: Shop, server: Server, values, expected):
    server.put_offer(offer_file(offer("OTHER", "1"), offer("USED", "1") | values))
    assert shop.refused(*EC2, server.url) == f"aws AmazonEC2 eu-central-1:{expected}\n"


def test_a_wrong_value_of_a_sku_that_is_not_taken_stops_nothing(shop: Shop, server: Server):
    server.put_offer(offer_file(offer("OTHER", "a lot"), offer("USED", "1")))
    shop.fill(*EC2, server.url)
    assert shop.listed("sku") == [("USED",)]


@pytest.mark.parametrize("fault", [429, 500, 503, "reset", "truncate"])
@pytest.mark.parametrize("place", ["/aws/index.json", "region_index", "index.csv"])
def test_trouble_that_passes_is_tried_again(shop: Shop, server: Server, proxy: FaultProxy, fault, place):
    server.put_offer(offer_file(offer("USED", "1")))
    proxy.plan(place, fault, headers={"Retry-After": "0"} if fault == 429 else None)
    shop.fill(*EC2, proxy.url)
    assert proxy.met == [fault]
    assert shop.listed("sku") == [("USED",)]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (500, "HTTP 500; given up after 3 attempts"),
        ("reset", "the connection broke"),
        (403, "HTTP 403 (permission is missing or was revoked)"),
        (404, "HTTP 404 (there is nothing at this address)"),
    ],
)
def test_trouble_that_stays_is_one_clear_error_and_the_old_list_stands(
    shop: Shop, server: Server, proxy: FaultProxy, fault, said
):
    server.put_offer(offer_file(offer("USED", "1")))
    shop.fill(*EC2, server.url)
    proxy.plan("index.csv", fault, times=99)
    message = shop.refused(*EC2, proxy.url)
    assert message.startswith("aws AmazonEC2 eu-central-1: ")
    assert said in message


def test_a_file_without_the_header_or_of_another_format_is_no_offer_file(shop: Shop):
    message = shop.refused("aws", "--file", shop.put("x.csv", "a,b\n1,2\n"))
    assert "no header row that starts with SKU" in message
    newer = offer_file(offer("USED", "1")).replace('"v1.0"', '"v2.0"')
    assert "FormatVersion: 'v2.0'; allowed: v1.0" in shop.refused("aws", "--file", shop.put("y.csv", newer))


def test_a_torn_row_in_a_downloaded_file_is_an_error_and_no_shorter_list(shop: Shop):
    torn = offer_file(offer("USED", "1"), offer("OTHER", "2"))[:-40]
    assert "not readable" in shop.refused("aws", "--file", shop.put("torn.csv", torn))


def test_a_downloaded_json_offer_file_gives_the_same_prices(shop: Shop):
    dimension = {
        "rateCode": "USED.J.6", "description": "$0.096 per Hrs", "beginRange": "0", "endRange": "Inf", "unit": "Hrs",
        "pricePerUnit": {"USD": "0.0960000000"}, "appliesTo": [],
    }  # fmt: skip
    document = {
        "formatVersion": "v1.0", "offerCode": "AmazonEC2", "version": "20240916160258",
        "publicationDate": "2024-09-16T16:02:58Z",
        "products": {"USED": {"sku": "USED", "productFamily": "Compute Instance", "attributes": {
            "servicecode": "AmazonEC2", "regionCode": "eu-central-1",
            "servicename": "Amazon Elastic Compute Cloud"}}},
        "terms": {
            "OnDemand": {"USED": {"USED.J": {"offerTermCode": "J", "sku": "USED", "termAttributes": {},
                "effectiveDate": "2024-09-01T00:00:00Z", "priceDimensions": {"USED.J.6": dimension}}}},
            "Reserved": {"USED": {"USED.R": {"sku": "USED", "effectiveDate": "2024-09-01T00:00:00Z",
                "priceDimensions": {"USED.R.6": {**dimension, "pricePerUnit": {"USD": "0.05"}}}}}},
        },
    }  # fmt: skip
    shop.fill("aws", "--file", shop.put("index.json", json.dumps(document)), "--region", "eu-central-1")
    assert shop.listed("sku", "list_price", "region", "service", "valid_from") == [
        ("USED", "0.096", "eu-central-1", "Amazon Elastic Compute Cloud", "2024-09-01")
    ]
