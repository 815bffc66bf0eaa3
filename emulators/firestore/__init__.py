"""Firestore over gRPC for unmodified google-cloud-firestore clients; `responses.Engine` does the same without a socket."""
