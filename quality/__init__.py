"""Gates: Great Expectations on landed deliveries and on the identities that must tie."""
