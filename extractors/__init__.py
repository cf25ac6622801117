"""From a vendor's files to the landing zone and the raw tables. Imports no Airflow."""
