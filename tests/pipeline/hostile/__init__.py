"""What a stranger may send and write, as data, and what must come of it."""
