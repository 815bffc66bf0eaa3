"""Entry points: one folder is one Cloud Function."""
