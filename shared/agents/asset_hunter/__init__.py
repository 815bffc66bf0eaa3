"""asset_hunter: the documents that may help, with the passage that says so."""
