"""Connecting a workspace to the accounts it works with: consents, live checks, and the workspace's own beginning."""
