"""Google Cloud's billing exports (standard, detailed, reseller) in BigQuery, or as Parquet files of such a table."""
