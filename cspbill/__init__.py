"""cspbill: what the extractors, the dbt project, the gates and the invoices share."""
