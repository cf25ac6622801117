"""Azure Cost Management exports in a Blob container or a folder."""
