"""A double of Partner Center on loopback, written from the documentation: what goes over the wire is real HTTP.

One server plays four: the sign-in service, Microsoft Graph's partner billing reports, the Partner Center REST API
(list of invoices), and the blob store with its signed links. Addresses that it hands out lead to the host that the
client named, so that a fault proxy in front sees every request.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import re
import secrets
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CLIENT, SECRET, TENANT = "11111111-aaaa-4bbb-8ccc-222222222222", "partner~secret/value+1", "contoso-tenant"
REPORTS = "/v1.0/reports/partners/billing"
Row = Mapping[str, Any]


@dataclass
class Report:
    """What one export holds: files of JSON lines. ``etag`` follows the content unless given."""

    parts: Sequence[Sequence[Row]]
    etag: str = ""

    def version(self) -> str:
        content = json.dumps(self.parts, default=str).encode()
        return self.etag or hashlib.sha256(content).hexdigest()[:17]


@dataclass
class PartnerCenter:
    """The partner's data, the double's habits, and what it was asked."""

    invoices: list[dict[str, Any]] = field(default_factory=list)
    reports: dict[tuple[str, ...], Report] = field(default_factory=dict)
    polls: int = 0  # how often an operation is answered with "running" first
    retry_after: str = "0"
    inline_manifest: bool = False
    broken: tuple[str, ...] = ()  # the report whose operation fails
    permitted: bool = True
    token_life: int = 3599
    link_life: dt.timedelta = dt.timedelta(hours=12)
    md5: bool = False
    page: int = 2  # invoices on a page, at most
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens: dict[str, dt.datetime] = field(default_factory=dict)
    links: dict[str, dt.datetime] = field(default_factory=dict)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    manifests: dict[str, tuple[str, Report]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    on_refusal: Callable[[], None] = lambda: None  # called when a link is refused
    url: str = ""

    def version(self, invoice: str, kind: str = "usage", part: int = 0) -> str:
        """Name a part of an invoice's report as its manifest does."""
        return f"part-{part:05}-{self.reports[kind, 'billed', invoice].version()}.c000.json.gz"

    def put(self, kind: str, *which: str, parts: Sequence[Sequence[Row]], etag: str = "") -> None:
        """Set a report: ``"reconciliation", "billed", "G1"`` or ``"usage", "unbilled", "EUR", "last"``."""
        self.reports[(kind, *which)] = Report(parts, etag)

    def invoice(
        self, number: str, total: str, date: str, currency: str = "EUR", **more: Any
    ) -> dict[str, Any]:
        """Add an invoice as ``GET /v1/invoices`` lists it."""
        listed = {
            "id": number,
            "invoiceDate": f"{date}T01:22:47.603895Z",
            "totalCharges": float(total),
            "paidAmount": 0,
            "currencyCode": currency,
            "documentType": "invoice",
            "invoiceType": "OneTime",
            "attributes": {"objectType": "Invoice"},
            **more,
        }
        self.invoices.append(listed)
        return listed

    def expire_links(self) -> None:
        """Let every signed link that was handed out end now."""
        self.links = dict.fromkeys(self.links, dt.datetime.min.replace(tzinfo=dt.UTC))

    def expire_tokens(self) -> None:
        """Revoke every token that was handed out."""
        self.tokens.clear()

    def asked(self, method: str, part: str = "") -> int:
        """Count requests by method and part of the path."""
        return sum(one == method and part in path for one, path in self.requests)

    @property
    def downloads(self) -> int:
        """How many parts were asked for."""
        return self.asked("GET", "billedusagefastpath")

    @property
    def exports(self) -> int:
        """How many exports were requested."""
        return self.asked("POST", "/export")

    def secrets_given(self) -> list[str]:
        """Everything that must never be written anywhere."""
        return [SECRET, *self.tokens, *self.links]


@contextmanager
def partner_center() -> Iterator[PartnerCenter]:
    """Run a double for as long as the context lasts."""
    double = PartnerCenter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": double}))
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: PartnerCenter

    def log_message(self, *_: Any) -> None:
        """Keep the test output clean."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self._note()
        with self.double.lock:
            if path == f"/{TENANT}/oauth2/v2.0/token":
                self._token(urllib.parse.parse_qs(body.decode()))
            elif path.startswith(REPORTS) and path.endswith("/export"):
                self._export(path, json.loads(body))
            elif path.endswith("/token"):
                self._json(
                    400, {"error": "invalid_request", "error_description": "AADSTS90002: Tenant not found."}
                )
            else:
                self._json(404, {"error": {"code": "NotFound", "message": path}})

    def do_GET(self) -> None:
        path = self._note()
        with self.double.lock:
            if path.startswith("/billedusagefastpath/"):
                self._blob(path)
            elif not self._authorised():
                pass
            elif path == "/v1/invoices":
                self._invoices()
            elif path.startswith(f"{REPORTS}/operations/"):
                self._operation(path.rpartition("/")[2])
            elif path.startswith(f"{REPORTS}/manifests/"):
                self._json(200, self._manifest(path.rpartition("/")[2]))
            else:
                self._json(404, {"error": {"code": "NotFound", "message": path}})

    def _note(self) -> str:
        path = urllib.parse.urlsplit(self.path).path
        self.double.requests.append((self.command, path))
        return path

    @property
    def _base(self) -> str:
        return f"http://{self.headers['Host']}"

    def _token(self, form: Mapping[str, list[str]]) -> None:
        given = {key: values[0] for key, values in form.items()}
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            words = (
                f"AADSTS7000215: Invalid client secret provided. client_secret={given.get('client_secret')}"
            )
            self._json(401, {"error": "invalid_client", "error_description": words})
        elif given.get("grant_type") != "client_credentials" or not given.get("scope", "").endswith(
            "/.default"
        ):
            self._json(400, {"error": "invalid_scope", "error_description": "AADSTS70011"})
        else:
            token = f"eyJ0{secrets.token_urlsafe(24)}"
            self.double.tokens[token] = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.double.token_life)
            self._json(
                200, {"token_type": "Bearer", "expires_in": self.double.token_life, "access_token": token}
            )

    def _authorised(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        ends = self.double.tokens.get(token)
        if not ends or ends < dt.datetime.now(dt.UTC):
            words = "Access token has expired or is not yet valid."
            self._json(401, {"error": {"code": "InvalidAuthenticationToken", "message": words}})
            return False
        if not self.double.permitted:
            words = "Insufficient privileges to complete the operation."
            self._json(403, {"error": {"code": "Authorization_RequestDenied", "message": words}})
            return False
        return True

    def _invoices(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        first, size = int(query["offset"][0]), min(int(query["size"][0]), self.double.page)
        items = self.double.invoices[first : first + size]
        found = {
            "totalCount": len(self.double.invoices),
            "items": items,
            "attributes": {"objectType": "Collection"},
        }
        # The service starts its answers with a byte order mark.
        self._send(200, b"\xef\xbb\xbf" + json.dumps(found).encode(), {"Content-Type": "application/json"})

    def _export(self, path: str, body: Mapping[str, str]) -> None:
        if not self._authorised():
            return
        kind, state = path.removeprefix(f"{REPORTS}/").split("/")[:2]
        known = ["invoiceId"] if state == "billed" else ["currencyCode", "billingPeriod"]
        if set(body) != {*known, "attributeSet"} or body["attributeSet"] not in {"full", "basic"}:
            self._json(400, {"error": {"code": "BadRequest", "message": f"needs {known}"}})
            return
        number = secrets.token_hex(8)
        key = (kind, state, *(body[name] for name in known))
        self.double.operations[number] = {"key": key, "polls": self.double.polls}
        location = f"{self._base}{REPORTS}/operations/{number}"
        self._send(202, b"", {"Location": location})

    def _operation(self, number: str) -> None:
        operation = self.double.operations.get(number)
        if operation is None:
            self._json(404, {"error": {"code": "NotFound", "message": "operation"}})
            return
        kind = "#microsoft.graph.partners.billing."
        about = {"id": number, "createdDateTime": "2024-10-09T08:12:53"}
        report = self.double.reports.get(operation["key"])
        if operation["polls"] > 0:
            operation["polls"] -= 1
            answer = {"@odata.type": f"{kind}runningOperation", **about, "status": "running"}
            self._json(200, answer, {"Retry-After": self.double.retry_after})
        elif report is None:
            broken = operation["key"] == self.double.broken
            code, message = ("5001", "Internal error") if broken else ("5000", "No data available")
            error = {"code": code, "message": message}
            self._json(
                200, {"@odata.type": f"{kind}failedOperation", **about, "status": "failed", "error": error}
            )
        else:
            self._success(
                {"@odata.type": f"{kind}exportSuccessOperation", **about, "status": "succeeded"},
                number,
                report,
            )

    def _success(self, answer: dict[str, Any], number: str, report: Report) -> None:
        key = self.double.operations[number]["key"]
        self.double.manifests[number] = ("/".join(key), report)
        if self.double.inline_manifest:
            answer["resourceLocation"] = self._manifest(number)
        else:
            answer["resourceLocation@odata.navigationLink"] = f"{self._base}{REPORTS}/manifests/{number}"
        self._json(200, answer)

    def _manifest(self, number: str) -> dict[str, Any]:
        key, report = self.double.manifests[number]
        version = report.version()
        root = (
            f"/billedusagefastpath/v1/PartnerTenantId=0e195b37/{key}/InvoiceVersion={version}/Fragment=full"
        )
        names = []
        for position, rows in enumerate(report.parts):
            name = f"part-{position:05}-{version}.c000.json.gz"
            lines = "".join(json.dumps(row, default=_number) + "\n" for row in rows)
            self.double.blobs[f"{root}/{name}"] = gzip.compress(lines.encode(), mtime=0)
            names.append({"name": name, "partitionValue": "default"})
        signature = secrets.token_hex(16)
        ends = dt.datetime.now(dt.UTC) + self.double.link_life
        self.double.links[signature] = ends
        return {
            "id": number,
            "schemaVersion": "1",
            "dataFormat": "compressedJSON",
            "createdDateTime": "2024-10-09T06:34:34.87Z",
            "eTag": version,
            "partnerTenantId": "0e195b37",
            "rootDirectory": f"{self._base}{root}",
            "sasToken": f"sv=2021-08-06&se={ends:%Y-%m-%dT%H%%3A%M%%3A%SZ}&sr=d&sp=rl&sdd=7&sig={signature}%3D",
            "partitionType": "Default",
            "blobCount": len(names),
            "blobs": names,
        }

    def _blob(self, path: str) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        ends = self.double.links.get(query.get("sig", [""])[0].removesuffix("="))
        if not ends or ends < dt.datetime.now(dt.UTC):
            self.double.on_refusal()
            words = b"<Error><Code>AuthenticationFailed</Code><Message>Signature not valid</Message></Error>"
            self._send(403, words, {"Content-Type": "application/xml"})
        elif path not in self.double.blobs:
            self._send(404, b"<Error><Code>BlobNotFound</Code></Error>", {"Content-Type": "application/xml"})
        else:
            body = self.double.blobs[path]
            digest = hashlib.md5(body, usedforsecurity=False).digest()
            extra = {"Content-MD5": base64.b64encode(digest).decode()} if self.double.md5 else {}
            self._send(200, body, {"Content-Type": "application/octet-stream", **extra})

    def _json(
        self, status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        body = json.dumps(content).encode()
        self._send(status, body, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _number(value: object) -> object:
    return float(str(value)) if re.fullmatch(r"-?\d+(\.\d+)?", str(value)) else str(value)
