"""The asynchronous export: request, 202, poll, manifest, signed links to gzip parts.

Every request is sent before any is waited for, and the address of each operation is remembered, so that a run that
is stopped goes on polling where it was.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx

from cspbill.errors import CspbillError
from extractors.names import shown, unsafe
from extractors.partner_center.service import Service, content, origin, retry_after
from extractors.partner_center.state import Parts, State

REPORTS = "v1.0/reports/partners/billing"
NO_DATA = "5000"


@dataclass
class Waiting:
    """How long to wait for the vendor to prepare an export (seconds)."""

    between: float = 10.0  # where the vendor does not say
    shortest_between: float = 1.0
    longest_between: float = 120.0
    altogether: float = 900.0  # per run; what is not ready by then is taken by the next one


WAITING = Waiting()


@dataclass(frozen=True)
class Export:
    """One report that can be asked for. ``stays``: once answered, it never changes and is not asked for again."""

    key: str  # reconciliation/billed/G016907411: names it in the state and in locations
    folder: str  # reconciliation/G016907411: where its files lie inside the delivery
    report: str  # usage/billed
    body: Mapping[str, str]
    stays: bool


@dataclass(frozen=True)
class Link:
    """A manifest's signed link; good for hours, kept in memory only."""

    root: str
    signature: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """An export's files, and the link to them unless they are remembered from an earlier run."""

    parts: Parts
    link: Link | None = None
    month: str | None = None  # BillingMonth of the root directory, such as 202409


class NotReady(Exception):  # noqa: N818 - nothing is wrong
    """The vendor is still preparing an export; a later run finds it."""


class ExportFailed(Exception):  # noqa: N818
    """The vendor could not make an export; the message holds its own words."""


@dataclass
class Exports:
    """Requests exports and waits for them."""

    service: Service
    graph_url: str
    state: State
    now: Callable[[], dt.datetime]
    _waited: float = 0.0

    def remembered(self, export: Export) -> Answer | None:
        """Return an answer that needs no request."""
        parts = self.state.settled.get(export.key)
        return Answer(parts) if parts else None

    def request(self, export: Export) -> None:
        """Ask for an export, unless an operation for it is under way."""
        if self.state.pending(export.key, self.now()):
            return
        url = f"{self.graph_url}/{REPORTS}/{export.report}/export"
        response = self.service.post(url, {**export.body, "attributeSet": "full"})
        location = response.headers.get("Location", "")
        if response.status_code != 202 or not location:
            raise self.service.refused(f"export of {export.key}", response)
        self.state.requested(export.key, self._own(export, location), self.now())

    def answer(self, export: Export) -> Answer:
        """Wait for an export that was requested.

        Raises NotReady when the vendor needs longer than this run waits, ExportFailed when it reports a failure.
        """
        if known := self.remembered(export):
            return known
        while True:
            response = self.service.get(self._operation(export))
            if response.status_code in {404, 410}:  # the operation of an earlier run has expired
                self.state.forget(export.key)
                self.request(export)
                self._wait(export, response)
                continue
            if response.status_code != 200:
                raise self.service.refused(f"export of {export.key}", response)
            found = content(response)
            status = str(found.get("status") or "").casefold()
            if status == "succeeded":
                return self._success(export, found)
            if status == "failed":
                return self._failure(export, found)
            if status not in {"notstarted", "running"}:
                raise CspbillError(
                    f"{self.service.what(f'export of {export.key}')}: the operation's status is {shown(status)!r}"
                )
            self._wait(export, response)

    def _operation(self, export: Export) -> str:
        url = self.state.pending(export.key, self.now())
        if not url:
            self.request(export)
            url = self.state.operations[export.key]["url"]
        return url

    def _wait(self, export: Export, response: httpx.Response) -> None:
        asked = retry_after(response)
        pause = WAITING.between if asked is None else max(asked, WAITING.shortest_between)
        pause = min(pause, WAITING.longest_between)
        if self._waited + pause > WAITING.altogether:
            raise NotReady(export.key)
        self._waited += pause
        time.sleep(pause)

    def _success(self, export: Export, found: Mapping[str, Any]) -> Answer:
        inline = found.get("resourceLocation")
        manifest = inline if isinstance(inline, dict) else self._manifest(export, found)
        answer = self._read(export, manifest)
        self.state.answered(export.key, answer.parts if export.stays else None)
        return answer

    def _manifest(self, export: Export, found: Mapping[str, Any]) -> Mapping[str, Any]:
        link = str(found.get("resourceLocation@odata.navigationLink") or inline_text(found))
        if not link:
            raise self._unusable(export, "the operation has succeeded without naming a manifest")
        response = self.service.get(self._own(export, link))
        if response.status_code != 200:
            raise self.service.refused(f"manifest of {export.key}", response)
        return content(response)

    def _read(self, export: Export, manifest: Mapping[str, Any]) -> Answer:
        root, signature = (str(manifest.get(key) or "") for key in ("rootDirectory", "sasToken"))
        blobs = manifest.get("blobs")
        names = (
            [str(blob.get("name")) for blob in blobs if isinstance(blob, dict)]
            if isinstance(blobs, list)
            else []
        )
        if not (root and signature and manifest.get("eTag") and names):
            raise self._unusable(export, "the manifest lacks rootDirectory, sasToken, eTag or blobs")
        if len(set(names)) != int(manifest.get("blobCount") or len(names)):
            raise self._unusable(
                export, f"the manifest counts {manifest['blobCount']} blobs and lists {len(names)}"
            )
        if bad := next((name for name in names if unsafe(name)), None):
            raise self._unusable(export, f"the manifest's blob name {shown(bad)!r} {unsafe(bad)}")
        month = next((part[13:] for part in root.split("/") if part.startswith("BillingMonth=")), None)
        parts = Parts(str(manifest["eTag"]), tuple(sorted(names)))
        return Answer(parts, Link(root.rstrip("/"), signature.lstrip("?")), month)

    def _failure(self, export: Export, found: Mapping[str, Any]) -> Answer:
        error = found.get("error")
        error = error if isinstance(error, dict) else {}
        if str(error.get("code")) == NO_DATA:
            nothing = Parts("", ())
            self.state.answered(export.key, nothing if export.stays else None)
            return Answer(nothing)
        self.state.answered(export.key, None)
        raise ExportFailed(shown(f"{error.get('code')}: {error.get('message')}", 200))

    def _own(self, export: Export, link: str) -> str:
        """Return an address of the service as absolute; a token is never sent to another host."""
        url = urljoin(f"{self.graph_url}/", link)
        if origin(url) != origin(self.graph_url):
            raise self._unusable(export, f"it leads to another host than {origin(self.graph_url)}")
        return url

    def _unusable(self, export: Export, why: str) -> CspbillError:
        return CspbillError(f"{self.service.what(f'export of {export.key}')}: {why}")


def inline_text(found: Mapping[str, Any]) -> str:
    """Return ``resourceLocation`` where it is the manifest's address itself."""
    value = found.get("resourceLocation")
    return value if isinstance(value, str) else ""
