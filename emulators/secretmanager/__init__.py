"""Secret Manager over gRPC for unmodified google-cloud-secret-manager clients; `responses.Engine` does the same without a socket."""
