"""The demo: an invented reseller's book of business and four months of vendor files, made the same everywhere."""
