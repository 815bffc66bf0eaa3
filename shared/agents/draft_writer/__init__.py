"""The agent that writes the mail."""
