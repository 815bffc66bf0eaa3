"""Adapters to Google Cloud services."""
