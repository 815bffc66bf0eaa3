"""The searchable text of the documents that may be shared."""
