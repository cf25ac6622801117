"""What every command shares: its options' types, how errors are told, and output for machines."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

import click

from cspbill.errors import CspbillError

Command = TypeVar("Command", bound=Callable[..., Any])


class Period(click.ParamType[dt.date]):
    """A billing period as `2024-09`; its value is the first day."""

    name = "period"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Parse, or fail with what is allowed."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.datetime.strptime(f"{value}-01", "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            self.fail(f"{value!r} is not a billing period; write it as 2024-09.", param, ctx)


class Day(click.ParamType[dt.date]):
    """A day as `2024-09-30`."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Parse, or fail with what is allowed."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a day; write it as 2024-09-30.", param, ctx)


class Amount(click.ParamType[Decimal]):
    """A positive decimal as `12.5`, at most 12 decimals and 16 digits before the point."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Parse, or fail with what is allowed."""
        if isinstance(value, Decimal):
            return value
        if not re.fullmatch(r"\d{1,16}(\.\d{1,12})?", str(value)) or Decimal(str(value)) == 0:
            self.fail(f"{value!r} is not allowed; write a number above 0 such as 12.5.", param, ctx)
        return Decimal(str(value))


def told_clearly(command: Command) -> Command:
    """Turn cspbill's errors into their message on standard error and their exit status."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click passes what the options say
        try:
            return command(*args, **kwargs)
        except CspbillError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_code)

    return wrapper  # type: ignore[return-value]


def print_json(value: object) -> None:
    """Print a result for machines: dates and decimals as text."""
    click.echo(json.dumps(value, indent=2, default=_as_text, ensure_ascii=False))


def _as_text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)  # never 0E-12
