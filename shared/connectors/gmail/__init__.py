"""Gmail: the operator's mailbox."""
