"""Everything importable: domain, ports, stages, agents, connectors, Google adapters, runtime and the composition root."""
