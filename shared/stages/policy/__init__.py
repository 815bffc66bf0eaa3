"""What may leave at all: the policy in force, and who must not be written to."""
