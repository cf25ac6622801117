"""Errors that a user reads: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One defect of an input, with the place where it stands.

    ``line`` is the physical line of a config file (header = 1) or the row number of a vendor's file
    (first data row = 1); 0 means the file as a whole.
    """

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        """Render as ``file:line: column: message``, leaving out what is not known."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class CspbillError(Exception):
    """Something failed that a rerun or a person can mend (exit status 1)."""

    exit_code = 1


class InputError(CspbillError):
    """The user's input or config is wrong (exit status 2); carries every problem found, not just the first."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = [Problem("", 0, "", problems)] if isinstance(problems, str) else sorted(problems)
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, self.problems)))
