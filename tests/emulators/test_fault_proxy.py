"""The faults that other tests rely on are the ones that a client meets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from emulators.faults import FaultProxy, fault_proxy


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "20")
        self.end_headers()
        self.wfile.write(b"01234567890123456789")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    server = HTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with fault_proxy(f"http://127.0.0.1:{server.server_port}", stall=1.0) as proxy:
        yield proxy
    server.shutdown()
    server.server_close()


def test_without_a_plan_requests_pass_unchanged(proxy: FaultProxy):
    assert httpx.get(f"{proxy.url}/a?secret=1").text == "01234567890123456789"
    assert proxy.requests == [("GET", "/a")]


def test_a_planned_status_is_answered_as_often_as_planned(proxy: FaultProxy):
    proxy.plan("/a", 429, times=2, headers={"Retry-After": "7"})
    answers = [httpx.get(f"{proxy.url}/a") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("fault", "error"),
    [("timeout", httpx.ReadTimeout), ("reset", httpx.TransportError), ("truncate", httpx.TransportError)],
)
def test_broken_connections_break_at_the_client(proxy: FaultProxy, fault: str, error: type[Exception]):
    proxy.plan("/a", fault)
    with pytest.raises(error):
        httpx.get(f"{proxy.url}/a", timeout=0.5 if fault == "timeout" else 5)
    assert httpx.get(f"{proxy.url}/a").text == "01234567890123456789"


def test_a_corrupt_body_has_its_length_but_not_its_content(proxy: FaultProxy):
    proxy.plan("/a", "corrupt")
    content = httpx.get(f"{proxy.url}/a").content
    assert len(content) == 20
    assert content != b"01234567890123456789"
