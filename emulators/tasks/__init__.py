"""Cloud Tasks over gRPC with HTTP targets: schedules, retries, rate limits and the memory of task names on the suite's clock."""
