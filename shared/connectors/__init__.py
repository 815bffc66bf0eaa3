"""Adapters to vendors over HTTP."""
