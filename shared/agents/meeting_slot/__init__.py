"""meeting_slot: two or three times at which both sides work and the operator is free."""
