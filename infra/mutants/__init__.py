"""Mutation testing of the domain and the stages: `make mutants` breaks them in small ways and counts what the tests notice."""
