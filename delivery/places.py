"""Where files are sent: a folder, or a store that fsspec or Arrow speaks to. Credentials never come from the book."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cspbill import atomic
from cspbill.book import Destination
from cspbill.errors import CspbillError
from delivery import stores
from extractors.names import shown, without_secrets

#: Files up to this size are read back whole after they were sent; of larger ones the size is compared.
READ_BACK = 64 << 20
_CHUNK = 1 << 20
_OPENERS: Mapping[str, Callable[[Mapping[str, str]], Any]] = {
    "s3": stores.amazon,
    "gs": stores.google,
    "gcs": stores.google,
    "abfs": stores.azure,
    "az": stores.azure,
}
_ADVICE = (
    (("ACCESS_DENIED", "Forbidden", "403", "PermissionDenied", "AuthorizationFailure", "Permission denied"),
     "grant listing, reading and writing below it"),
    (("InvalidAccessKeyId", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "SignatureDoesNotMatch",
      "AuthenticationFailed", "UNRECOGNIZED_CLIENT"), "check the keys of the connection or of the environment"),
    (("NO_SUCH_BUCKET", "ContainerNotFound"), "create the bucket or container first: cspbill makes none"),
    (("NETWORK_CONNECTION", "resolve", "connect"), "check the network, the endpoint_url and the region"),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An open destination; paths are relative to its root, with ``/`` between segments."""

    destination: Destination
    files: Any  # an fsspec filesystem
    root: str
    is_folder: bool
    is_store: bool  # a single PUT is atomic there

    def listed(self) -> dict[str, int]:
        """Return the size of every file below the root."""
        with self.errors():
            found = stores.sizes(self.files, self.root)
        return {name.removeprefix(self.root).lstrip("/"): size for name, size in found.items()}

    def put(self, path: str, local: Path) -> None:
        """Send a file: readers see the old one or the new one, never half of it."""
        with self.errors(path):
            if self.is_folder:
                atomic.copy_file(local, Path(self._at(path)))
            elif self.is_store:
                self._write(self._at(path), local)
            else:
                part = self._at(f"{path}.part")
                self.files.makedirs(part.rpartition("/")[0], exist_ok=True)
                self._write(part, local)
                self.files.mv(part, self._at(path))

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file as it lies there."""
        found = hashlib.sha256()
        with self.errors(path), self.files.open(self._at(path), "rb") as source:
            while chunk := source.read(_CHUNK):
                found.update(chunk)
        return found.hexdigest()

    def verify(self, path: str, size: int, digest: str) -> None:
        """Raise CspbillError when a file that was just sent does not lie there as it was sent."""
        with self.errors(path):
            self.files.invalidate_cache()
            there = int(self.files.info(self._at(path))["size"])
        if there != size or (size <= READ_BACK and self.digest(path) != digest):
            raise CspbillError(
                f"{self.named(path)}: does not hold what was sent ({there:,} bytes); run it again."
            )

    def remove(self, path: str) -> None:
        """Remove a file that was sent before."""
        with self.errors(path):
            self.files.rm_file(self._at(path))

    def named(self, path: str = "") -> str:
        """The place, for messages."""
        return shown(f"publish_to {self.destination.url}{'/' if path else ''}{path}", 300)

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}" if self.root else path

    def _write(self, path: str, local: Path) -> None:
        with local.open("rb") as source, self.files.open(path, "wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)

    @contextmanager
    def errors(self, path: str = "") -> Iterator[None]:
        """Turn what a store raises into one clear message, without secrets."""
        try:
            yield
        except CspbillError:
            raise
        except Exception as error:  # noqa: BLE001 - every store has exceptions of its own
            raise failure(self.named(path), error) from None


def open_place(destination: Destination) -> Place:
    """Connect to a destination; raises CspbillError when it is not there or may not be entered."""
    scheme, separator, rest = destination.url.partition("://")
    named = f"publish_to {destination.url}"
    try:
        if not separator:
            return _folder(destination)
        if opener := _OPENERS.get(scheme):
            files = opener(destination.options)
            stores.require_bucket(files, rest.partition("/")[0])
            return Place(destination, files, rest.strip("/"), is_folder=False, is_store=True)
        return _other(destination)
    except CspbillError:
        raise
    except Exception as error:  # noqa: BLE001 - every store has exceptions of its own
        raise failure(named, error) from None


def _folder(destination: Destination) -> Place:
    import fsspec

    Path(destination.url).mkdir(parents=True, exist_ok=True)
    return Place(destination, fsspec.filesystem("file"), destination.url, is_folder=True, is_store=False)


def _other(destination: Destination) -> Place:
    from fsspec.core import url_to_fs

    files, root = url_to_fs(destination.url, **stores.login(destination.options))
    return Place(destination, files, str(root).rstrip("/"), is_folder=False, is_store=False)


def failure(named: str, error: Exception) -> CspbillError:
    """Say what a store refused and what to do about it."""
    text = shown(without_secrets(" ".join(str(error).split()) or type(error).__name__), 300)
    advice = next((advice for words, advice in _ADVICE if any(word in text for word in words)), "")
    return CspbillError(f"{named}: {text}{f'; {advice}' if advice else ''}")
