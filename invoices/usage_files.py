"""The usage files of many documents from one sorted pass: DuckDB writes one file, which is cut where a document ends.

A query per document would cost more than printing it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from cspbill.errors import CspbillError
from invoices import read
from invoices.files import USAGE
from invoices.model import Document
from invoices.tables import write_usage


def usage_files(
    connection: duckdb.DuckDBPyConnection, table: str, documents: Sequence[Document], directory: Path
) -> Iterator[Path]:
    """Write each document's usage file in turn and yield its path.

    ``table`` has the rows of ``usage_select`` and the ``place`` of their document in ``documents``, from 1.
    """
    kinds = {document.is_plain for document in documents}
    with ExitStack() as stack:
        rows = {
            kind: stack.enter_context(_Rows(connection, table, documents, directory, kind)) for kind in kinds
        }
        for place, document in enumerate(documents, start=1):
            path = directory / f"{place}{USAGE}"
            rows[document.is_plain].cut(place, path)
            yield path


class _Rows:
    """The rows of all documents of a kind: plain ones do not say whose and which month's a row is."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        documents: Sequence[Document],
        directory: Path,
        is_plain: bool,
    ) -> None:
        places = [place for place, each in enumerate(documents, start=1) if each.is_plain == is_plain]
        mine = f"from {table} where place in ({', '.join(map(str, places))})"
        self._path = directory / f"all-{is_plain}{USAGE}"
        write_usage(connection, f"select * {mine}", self._path, is_plain=is_plain)
        counts = read.rows(connection, f"select place, count(*) as rows {mine} group by place")
        self._counts: dict[int, int] = {row["place"]: row["rows"] for row in counts}

    def __enter__(self) -> Self:
        if _lines(self._path) != 1 + sum(self._counts.values()):
            # A row over two lines would give a customer another one's rows.
            raise CspbillError(f"{self._path} has more lines than rows: no usage file was written.")
        self._file = self._path.open("rb")
        self._head = self._file.readline()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def cut(self, place: int, target: Path) -> None:
        """Write the next document's file; documents come in the order of their places."""
        with target.open("wb") as handle:
            handle.write(self._head)
            handle.writelines(islice(self._file, self._counts.get(place, 0)))


def _lines(path: Path) -> int:
    with path.open("rb") as handle:
        return sum(part.count(b"\n") for part in iter(lambda: handle.read(1 << 20), b""))
