"""Slack: messages, conversations, people, views and files over the Web API; events and interactions sent out, really signed."""
