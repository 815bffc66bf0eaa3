"""What a person decides about a draft, and what Gmail has to show for it."""
