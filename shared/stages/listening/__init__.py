"""What the mailbox tells: who has written, and what the operator did there."""
