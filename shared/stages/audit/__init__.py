"""What was decided, by whom and why, in a log that shows any later change."""
