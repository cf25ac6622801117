"""E-invoices: one document as UBL 2.1 (Peppol BIS Billing 3.0) and as Factur-X / ZUGFeRD (EN 16931) in its PDF.

``terms`` says once what the document says in the business terms of EN 16931; ``syntax`` lets the factur-x library
write them in both syntaxes, so that the two can never differ. Amounts are those of the ledger, to the cent; a
credit note's are turned, as on its PDF.
"""
