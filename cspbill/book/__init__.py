"""The book of business: the reseller's config files, read, validated whole and loaded into ``config.*``.

Owns the schema of every file (``schema.py``) and what is valid. Knows nothing of vendors' files or of how amounts
are computed.
"""

from cspbill.book.example import write_example
from cspbill.book.model import Book, Destination, Mail, Source
from cspbill.book.reader import read_book
from cspbill.book.store import store_book
from cspbill.book.summary import summary

__all__ = ["Book", "Destination", "Mail", "Source", "read_book", "store_book", "summary", "write_example"]
