"""Pure business types and rules: frozen models, state machines, policies that return data."""
