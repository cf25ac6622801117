"""Where vendors put files: a folder, an S3 bucket, an Azure Blob container. They list and copy; nothing else."""
