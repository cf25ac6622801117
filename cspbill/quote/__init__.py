"""Prices before provisioning: what a service would cost a customer, by the rules that bill it.

``item.py`` finds what a SKU means, ``adding.py`` adds its charges to a scratch warehouse, ``offer.py`` rates the
customer's period with and without them, ``text.py`` renders the answer. No price is computed here: the models compute
both periods, and the quote is their difference.
"""

from cspbill.quote.item import Order, Wanted
from cspbill.quote.offer import quote
from cspbill.quote.text import as_text

__all__ = ["Order", "Wanted", "as_text", "quote"]
