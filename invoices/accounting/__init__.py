"""The journal of each month as files, for people and in the import formats of accounting software."""

from invoices.accounting.publish import AccountingFiles, publish_accounting

__all__ = ["AccountingFiles", "publish_accounting"]
