"""How data travels to a page: exact money as text, dates as ISO text."""

from __future__ import annotations


def money_macro() -> str:
    """SQL of the macro ``money_text``: the digits of an amount at 12 decimals, without the point."""
    return """
    create or replace temp macro money_text(amount) as
    replace(cast(cast(amount as decimal(38, 12)) as varchar), '.', '')
    """


def plain(value: object) -> object:
    """Keep what JSON knows; dates become ISO text."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)
