"""Journeys through the whole suite."""
