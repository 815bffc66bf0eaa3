"""Gmail API v1: mailboxes with threads, messages, drafts, labels and send-as identities."""
