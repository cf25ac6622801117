"""FOCUS cost and usage files, versions 1.0 to 1.4, in a folder or under an S3 prefix."""
