"""AWS billing: cost and usage reports (legacy and CUR 2.0) and FOCUS exports, from S3 or a copy of the bucket."""
