"""Month-to-date statements: what a customer has used, what the month will come to, and what is open."""

from invoices.statements.publish import publish_statements

__all__ = ["publish_statements"]
