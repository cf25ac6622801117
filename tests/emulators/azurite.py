"""Azurite, Microsoft's emulator of Blob storage, on a free port of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators.required import EMULATORS, need

ACCOUNT = "devstoreaccount1"
#: The key that Azurite's documentation publishes for its only account.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class Azurite:
    """A running emulator; ``origin`` is http://host:port, ``url`` the storage account's address."""

    origin: str

    @property
    def url(self) -> str:
        return f"{self.origin}/{ACCOUNT}"

    def container(self, name: str) -> Any:
        """Create a container and return a client that may write to it."""
        from azure.storage.blob import ContainerClient

        client = ContainerClient(self.url, name, credential={"account_name": ACCOUNT, "account_key": KEY})
        client.create_container()
        return client


@contextmanager
def azurite(folder: Path) -> Iterator[Azurite]:
    """Run Azurite with its files in ``folder``."""
    node = need(Path(shutil.which("node") or "node"), "Node.js")
    script = need(EMULATORS / "azurite/node_modules/azurite/dist/src/blob/main.js", "Azurite")
    port = _free_port()
    # Its own client would refuse the SDK's newer API version, and it reports its use unless told not to.
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(folder)]
    command = [str(node), str(script), *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(process, port)
            yield Azurite(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"Azurite ended with code {process.returncode} before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("Azurite did not listen within a minute")
