"""Microsoft Partner Center: invoice reconciliation and daily rated usage of a cloud solution provider."""
