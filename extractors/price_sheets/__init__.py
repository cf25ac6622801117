"""Vendors' price sheets into config/price_list.csv: one module per vendor, one for what they have in common.

A vendor's module fetches sheets (or takes files that were downloaded by hand) and says in SQL which price each row
offers (`sheets.Sheet`). `offers` reads them, `merging` decides what becomes of the list, `price_list` writes it.
"""

from extractors.price_sheets.filling import Filled, Wish, fill
from extractors.price_sheets.sheets import Sheet

__all__ = ["Filled", "Sheet", "Wish", "fill"]
