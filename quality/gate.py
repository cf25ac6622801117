"""Gate 1: Great Expectations judges every new delivery of a source in one go.

It sees small frames made from the files' profiles, never the rows themselves. The library is loaded only when there
is something to judge: that alone takes seconds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from cspbill.errors import Problem
from quality.evidence import Evidence, Record, frames
from quality.findings import problem_of
from quality.suites import CHECKS, KEYS, suite_of

#: Raised with every change of the checks, so that refused deliveries are judged anew.
VERSION = 1


@dataclass(frozen=True)
class Verdict:
    """What gate 1 says about a delivery. ``checks``: each check's meaning and how many rows of its frame fail."""

    delivery_id: str
    problems: tuple[Problem, ...]
    checks: tuple[tuple[str, int], ...]

    @property
    def passed(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.problems


def judge(deliveries: Sequence[Evidence]) -> dict[str, Verdict]:
    """Return the verdict on each delivery by its id."""
    if not deliveries:
        return {}
    violations = [
        (check, found)
        for frame, records in frames(deliveries).items()
        for check, found in _violations(frame, records)
    ]
    return {one.delivery_id: _verdict(one, violations) for one in deliveries}


def _verdict(one: Evidence, violations: Sequence[tuple[str, Mapping[str, object]]]) -> Verdict:
    own = [(check, found) for check, found in violations if found["delivery"] == one.delivery_id]
    return Verdict(
        delivery_id=one.delivery_id,
        problems=tuple(sorted(problem_of(check, one, found) for check, found in own)),
        checks=tuple(
            (meaning, sum(check == name for name, _ in own))
            for meanings in CHECKS.values()
            for check, meaning in meanings.items()
        ),
    )


def _violations(frame: str, records: Sequence[Record]) -> list[tuple[str, Mapping[str, object]]]:
    """Validate one frame; returns each violated check with the key of the row that violates it."""
    if not records:
        return []
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": list(KEYS[frame])}
    batch = _batch_definition(frame).get_batch(batch_parameters={"dataframe": _arrow_frame(records)})
    outcome = batch.validate(suite_of(frame), result_format=wanted)
    found: list[tuple[str, Mapping[str, object]]] = []
    for result in outcome.results:
        check = result.expectation_config.kwargs["column"]
        if result.exception_info.get("raised_exception"):
            raise RuntimeError(
                f"gate 1 could not check {check}: {result.exception_info['exception_message']}"
            )
        if not result.success:
            found += [(check, row) for row in result.result["unexpected_index_list"]]
    return found


def _arrow_frame(records: Sequence[Record]) -> Any:  # noqa: ANN401 - a pandas frame; pandas has no types here
    """Return records as an Arrow-typed frame: plain pandas would turn the decimals into floats."""
    import pandas as pd
    import pyarrow as pa

    decimals = {key for record in records for key, value in record.items() if isinstance(value, Decimal)}
    arrays = {
        key: pa.array([record[key] for record in records], pa.decimal128(38, 12) if key in decimals else None)
        for key in records[0]
    }
    return pa.table(arrays).to_pandas(types_mapper=pd.ArrowDtype)


@cache
def _batch_definition(frame: str) -> Any:  # noqa: ANN401
    return (
        _context()
        .data_sources.add_pandas(frame)
        .add_dataframe_asset(frame)
        .add_batch_definition_whole_dataframe(frame)
    )


@cache
def _context() -> Any:  # noqa: ANN401
    # Read at import: no usage data leaves this machine.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
