"""Access tokens and authorized calls for the Gmail, Calendar and Drive connectors."""
