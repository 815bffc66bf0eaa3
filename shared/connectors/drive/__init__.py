"""Google Drive: the documents the workspace allows us to read."""
