"""The book of business: the reseller's config files, read, validated whole and loaded into ``config.*``."""
