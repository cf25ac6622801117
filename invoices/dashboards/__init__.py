"""The margin dashboard: one self-contained page, made from a published snapshot and nothing else."""

from invoices.dashboards.publish import publish_dashboard

__all__ = ["publish_dashboard"]
