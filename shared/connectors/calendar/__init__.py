"""Google Calendar: when the operator is taken."""
