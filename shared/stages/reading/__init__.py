"""What operators may look at; nothing here writes."""
