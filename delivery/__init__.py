"""What leaves the house: published files to folders and object stores, issued documents by e-mail.

    published/ ── contents ─→ publish ─→ place (fsspec) …      record: CSPBILL_HOME/sent/<destination>.jsonl
    ledger ───── letter ───→ send ────→ SMTP server            record: CSPBILL_HOME/sent/mail.jsonl

Owns the records of what was sent. Makes no file and no amount: it sends what ``invoices`` and the snapshot left in
``published/``, byte for byte. Both steps may be killed and called again.
"""
