"""Drafts, issue, ledger, documents and dashboards."""
