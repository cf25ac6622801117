"""What every page of ours is made of: one HTML file with its data, style and script, which asks no network."""

from invoices.pages.page import Page, encode, render

__all__ = ["Page", "encode", "render"]
