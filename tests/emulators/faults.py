"""A reverse proxy on loopback that does to requests what networks and vendors do, in front of a real service."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Fault names beside HTTP status codes. "timeout": no answer for ``FaultProxy.stall`` seconds; "reset": closes the
#: connection at once, "truncate" sends half of the body under its full length, "corrupt" changes bytes of it.
FAULTS = ("timeout", "reset", "truncate", "corrupt")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


@dataclass
class _Plan:
    match: Callable[[str, str], bool]
    fault: str | int
    times: int
    headers: dict[str, str]
    body: bytes


@dataclass
class FaultProxy:
    """Forwards to ``target``; ``requests`` lists (method, path without query) of what came in."""

    target: str
    stall: float = 3.0
    requests: list[tuple[str, str]] = field(default_factory=list)
    met: list[str | int] = field(default_factory=list)
    _plans: list[_Plan] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def plan(
        self,
        match: str | Callable[[str, str], bool],
        fault: str | int,
        times: int = 1,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Meet the next ``times`` requests with a fault; ``match`` is part of the path, or takes method and path."""
        wanted = match if callable(match) else (lambda _method, path, part=match: part in path)
        with self._lock:
            self._plans.append(_Plan(wanted, fault, times, headers or {}, body))

    def clear(self) -> None:
        """Forget every plan and every request."""
        with self._lock:
            self._plans.clear()
            self.requests.clear()
            self.met.clear()

    def take(self, method: str, path: str) -> _Plan | None:
        """Note a request and return the fault that meets it."""
        with self._lock:
            self.requests.append((method, urllib.parse.urlsplit(path).path))
            for plan in self._plans:
                if plan.times and plan.match(method, path):
                    plan.times -= 1
                    self.met.append(plan.fault)
                    return plan
        return None


@contextmanager
def fault_proxy(target: str, *, stall: float = 3.0) -> Iterator[FaultProxy]:
    """Run a proxy in front of ``target`` (http://host:port) for as long as the context lasts."""
    proxy = FaultProxy(target, stall)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"proxy": proxy})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy

    def log_message(self, *_: Any) -> None:
        """Keep the test output clean."""

    def answer(self) -> None:
        """Meet a request with its planned fault, or pass it on."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        plan = self.proxy.take(self.command, self.path)
        if plan and plan.fault == "timeout":
            time.sleep(self.proxy.stall)
            self._drop()
        elif plan and plan.fault == "reset":
            self._drop()
        elif plan and isinstance(plan.fault, int):
            self._send(plan.fault, list(plan.headers.items()), plan.body, len(plan.body))
        else:
            self._forward(body, plan.fault if plan else "")

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = answer  # noqa: N815

    def _forward(self, body: bytes, fault: str | int) -> None:
        upstream = urllib.parse.urlsplit(self.proxy.target)
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        # Signatures cover the host that the client named.
        headers["Host"] = self.headers.get("Host", "")
        connection.request(self.command, self.path, body=body or None, headers=headers)
        response = connection.getresponse()
        content = response.read()
        kept = [(key, value) for key, value in response.getheaders() if key.lower() not in HOP_BY_HOP]
        announced = int(response.getheader("Content-Length") or 0) if self.command == "HEAD" else len(content)
        self._send(response.status, kept, _damaged(content, fault), announced)
        connection.close()
        if fault == "truncate":
            self._drop()

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes, announced: int) -> None:
        self.send_response_only(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def _drop(self) -> None:
        # A zero linger makes the kernel send a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        """End a connection that may be gone already."""
        with suppress(OSError, ValueError):
            super().finish()


def _damaged(content: bytes, fault: str | int) -> bytes:
    middle = len(content) // 2
    if fault == "truncate":
        return content[:middle]
    if fault == "corrupt":
        return (
            content[:middle]
            + bytes(255 - byte for byte in content[middle : middle + 8])
            + content[middle + 8 :]
        )
    return content
