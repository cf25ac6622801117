"""The demo: an invented reseller's book of business and four months of its vendors' files."""

from cspbill.demo.write import write_demo

__all__ = ["write_demo"]
