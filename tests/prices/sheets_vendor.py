"""Price sheets in the vendors' documented shapes, and a small web server that serves them on loopback."""

from __future__ import annotations

import csv
import io
import json
import threading
import urllib.parse
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AWS_COLUMNS = (
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange",
    "EndingRange", "Unit", "PricePerUnit", "Currency", "LeaseContractLength", "serviceCode", "Location",
    "Region Code", "serviceName",
)  # fmt: skip
LICENCE_COLUMNS = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "BillingPlan", "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax",
    "EffectiveStartDate", "EffectiveEndDate", "Tags", "ERP Price", "Segment",
)  # fmt: skip
CONSUMPTION_COLUMNS = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax", "EffectiveStartDate",
    "EffectiveEndDate", "MeterIds", "MeterType", "Tags",
)  # fmt: skip
FOREVER = "11/30/9999 11:59:59 PM"
SECRETS = ("client-secret-8Q~", "refresh-0.AXoA", "access-eyJ0")

Row = dict[str, str]


def sheet(columns: Sequence[str], rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL, lineterminator="\r\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def offer(sku: str, price: str, **values: str) -> Row:
    """One on-demand row of AWS's offer file for AmazonEC2 in eu-central-1."""
    row = {
        "SKU": sku, "OfferTermCode": "JRTCKXETXF", "RateCode": f"{sku}.JRTCKXETXF.6YS6EN2CT7", "TermType": "OnDemand",
        "PriceDescription": f"${price} per Hrs", "EffectiveDate": "2024-09-01", "StartingRange": "0",
        "EndingRange": "Inf", "Unit": "Hrs", "PricePerUnit": price, "Currency": "USD", "serviceCode": "AmazonEC2",
        "Location": "EU (Frankfurt)", "Region Code": "eu-central-1", "serviceName": "Amazon Elastic Compute Cloud",
    }  # fmt: skip
    return row | values


def offer_file(
    *rows: Row, published: str = "2024-09-16T16:02:58Z", columns: Sequence[str] = AWS_COLUMNS
) -> str:
    """AWS's offer file: five lines about the file, then the header."""
    about = (
        '"FormatVersion","v1.0"\r\n"Disclaimer","This pricing list is for ""informational"" purposes, only."\r\n'
        f'"Publication Date","{published}"\r\n"Version","20240916160258"\r\n"OfferCode","AmazonEC2"\r\n'
    )
    return about + sheet(columns, rows)


def licence(sku: str, cost: str, retail: str, **values: str) -> Row:
    """One row of Partner Center's licence sheet; ``sku`` as ProductId:SkuId."""
    product, _, part = sku.partition(":")
    row = {
        "ProductTitle": "Microsoft 365 Business Basic", "ProductId": product, "SkuId": part,
        "SkuTitle": "Microsoft 365 Business Basic", "Publisher": "Microsoft Corporation", "TermDuration": "P1Y",
        "BillingPlan": "Annual", "Market": "DE", "Currency": "EUR", "UnitPrice": cost, "ERP Price": retail,
        "EffectiveStartDate": "2/1/2023 12:00:00 AM", "EffectiveEndDate": FOREVER, "Tags": "License",
        "Segment": "Commercial",
    }  # fmt: skip
    return row | values


def consumption(sku: str, meters: str, price: str, **values: str) -> Row:
    """One row of the Azure plan consumption sheet."""
    product, _, part = sku.partition(":")
    row = {
        "ProductTitle": "Advanced Data Security", "ProductId": product, "SkuId": part, "SkuTitle": "US East 2",
        "Publisher": "Microsoft", "UnitOfMeasure": "1 Hour", "TermDuration": "payG-1", "Market": "DE",
        "Currency": "USD", "UnitPrice": price, "EffectiveStartDate": "3/1/2018 12:00:00 AM",
        "EffectiveEndDate": FOREVER, "MeterIds": meters, "MeterType": "1 Hour", "Tags": "Azure",
    }  # fmt: skip
    return row | values


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheets.csv", text)
    return packed.getvalue()


@dataclass
class Server:
    """AWS's price list service, Microsoft Entra's token endpoint and Partner Center's price sheets in one."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    token_status: int = 200

    def put(self, path: str, content: str | bytes | dict[str, Any]) -> None:
        text = json.dumps(content) if isinstance(content, dict) else content
        self.files[path] = text.encode() if isinstance(text, str) else text

    def put_offer(self, text: str, region: str = "eu-central-1") -> None:
        """Publish an offer file of AmazonEC2 with the indexes that lead to it."""
        base = "/offers/v1.0/aws"
        version = f"{base}/AmazonEC2/20240916160258"
        regions = f"{version}/region_index.json"
        self.put(f"{base}/index.json", {"formatVersion": "v1.0", "offers": {"AmazonEC2": {
            "offerCode": "AmazonEC2", "currentVersionUrl": f"{version}/index.json",
            "currentRegionIndexUrl": regions}}})  # fmt: skip
        self.put(regions, {"formatVersion": "v1.0", "regions": {region: {
            "regionCode": region, "currentVersionUrl": f"{version}/{region}/index.json"}}})  # fmt: skip
        self.put(f"{version}/{region}/index.csv", text)

    def put_sheet(
        self, text: str, view: str = "updatedlicensebased", query: str = "timeline=current"
    ) -> None:
        self.put(f"/v1.0/sales/pricesheets(Market='DE',PricesheetView='{view}')/$value?{query}", text)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            server.asked.append(self.path)
            content = server.files.get(urllib.parse.unquote(self.path))
            if content is None:
                return self._answer(404, b"no such key")
            if "pricesheets" in self.path:
                if self.headers["Authorization"] != f"Bearer {SECRETS[2]}":
                    return self._answer(401, b"")
                if "deflate" in self.headers["Accept-Encoding"]:
                    content = zipped(content.decode())
            return self._answer(200, content)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.asked.append(self.path)
            server.forms.append(dict(urllib.parse.parse_qsl(body)))
            answer = {
                "token_type": "Bearer",
                "expires_in": 3599,
                "access_token": SECRETS[2],
                "refresh_token": "newer",
            }
            if server.token_status != 200:
                answer = {
                    "error": "invalid_grant",
                    "error_description": f"AADSTS700082: {SECRETS[1]} for jane@x.com",
                }
            self._answer(server.token_status, json.dumps(answer).encode())

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
