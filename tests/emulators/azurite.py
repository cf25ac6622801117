"""Azurite, Microsoft's emulator of Blob storage, on a free port of loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators.processes import free_port, running
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
    port = free_port()
    # Its own client would refuse the SDK's newer API version, and it reports its use unless told not to.
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(folder)]
    command = [str(node), str(script), *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    with running("Azurite", command, port):
        yield Azurite(f"http://127.0.0.1:{port}")
