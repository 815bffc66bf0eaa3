"""How an approved mail leaves exactly once."""
