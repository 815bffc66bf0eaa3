"""Slack: a channel, or a person, that is told of what waits."""
