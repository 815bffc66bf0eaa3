"""quality_gate: the deterministic judge of every draft. Called by the gate stage, before anything reaches Gmail."""
