"""Google Drive API v3: folders, files, shared drives, search and export."""
