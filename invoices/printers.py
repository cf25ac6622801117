"""Print many documents at once: in processes of their own, as many as there are processors.

The processes take documents, never the warehouse: they are spawned, not forked, so that none of them keeps its lock.
One whose parent was killed ends by itself.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from cspbill.errors import CspbillError
from invoices.bundle import Bundle, bundle
from invoices.model import Document
from invoices.pdf import Renderer

#: Fewer documents are printed sooner here than processes start.
FEW = 12
#: Documents that wait for a printer or for whoever takes them, so that memory does not grow with their number.
WAITING = 32


@dataclass(frozen=True)
class Job:
    """A document to print, the files of it that DuckDB wrote, the date of a draft, whether as an e-invoice too."""

    document: Document
    written: Mapping[str, Path]
    draft_date: dt.date
    einvoice: bool


class Printers:
    """Makes documents' files; use as a context manager."""

    def __init__(self, assets: Path) -> None:
        self._assets = assets
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        self._root = tempfile.TemporaryDirectory(prefix="cspbill-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        self._root.cleanup()

    def bundles(self, jobs: Iterable[Job], count: int) -> Iterator[Bundle]:
        """Yield bundles in the order of the jobs, which are taken a few ahead; ``count`` is how many there are."""
        if count < FEW and not self._pool:
            return (_made(self._own, job) for job in jobs)
        return self._spread(jobs)

    @cached_property
    def _own(self) -> Renderer:
        return Renderer(self._assets, Path(self._root.name)).__enter__()

    def _spread(self, jobs: Iterable[Job]) -> Iterator[Bundle]:
        pool = self._pool = self._pool or _start(self._assets, Path(self._root.name))
        waiting: deque[Future[Bundle]] = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(_print, job))
                if len(waiting) > WAITING:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise CspbillError(
                "A process that prints documents ended unexpectedly (was it killed, or is memory short?). "
                "Nothing is half done: run the command again."
            ) from None


def _start(assets: Path, root: Path) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(assets, root),
    )


_renderers: list[Renderer] = []  # a printing process has one


def _prepare(assets: Path, root: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, which ends its printers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _renderers.append(Renderer(assets, root).__enter__())  # the parent removes ``root``


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _print(job: Job) -> Bundle:
    return _made(_renderers[0], job)


def _made(renderer: Renderer, job: Job) -> Bundle:
    return bundle(job.document, renderer, job.written, job.draft_date, einvoice=job.einvoice)
