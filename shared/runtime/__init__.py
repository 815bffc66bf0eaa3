"""What every function shares: endpoint decorators, settings, logging, tracing, outbox."""
