"""Labelled sequences of touches, and models of who makes them."""
