"""What the DAGs share: defaults, assets, pools and the message of a failure."""
