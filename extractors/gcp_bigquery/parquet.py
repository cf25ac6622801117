"""From a result's Arrow batches to one Parquet file, in flat memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

#: Arrow bytes that make one row group: large enough to pack well, small enough to hold.
GROUP_BYTES = 32 << 20


def write(batches: Iterable[pa.RecordBatch], sink: BinaryIO) -> int:
    """Write the batches, at least one and all of one schema, to ``sink``; returns the number of rows."""
    rows, writer = 0, None
    for group in _groups(batches):
        schema = writer.schema if writer else _nullable(group.schema)
        writer = writer or pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd")
        writer.write_table(group.cast(schema))
        rows += group.num_rows
    if writer:
        writer.close()
    return rows


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.nbytes for one in held) >= GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _nullable(schema: pa.Schema) -> pa.Schema:
    """Allow nulls everywhere: BigQuery calls a list inside a missing record required, and has it nowhere."""
    return pa.schema([_nullable_field(field) for field in schema])


def _nullable_field(field: pa.Field) -> pa.Field:
    return pa.field(field.name, _nullable_type(field.type))


def _nullable_type(kind: Any) -> Any:  # noqa: ANN401 - pyarrow has no types here
    if pa.types.is_struct(kind):
        return pa.struct([_nullable_field(kind.field(place)) for place in range(kind.num_fields)])
    if pa.types.is_list(kind):
        return pa.list_(_nullable_field(kind.value_field))
    return kind
