"""Pub/Sub over gRPC with push delivery over HTTP: retry policies, dead letters, filters and ordering keys on the suite's clock."""
