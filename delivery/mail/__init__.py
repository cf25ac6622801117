"""Issued documents by e-mail: each at most once, with a record of it.

not sent ──intent on disk──→ sending ──server took it──→ sent
    ↑                           │
    └── server refused it ──────┘   killed or cut off in between: nobody knows, a person decides
"""
