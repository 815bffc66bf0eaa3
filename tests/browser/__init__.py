"""What an operator does in a real browser, on the whole suite: named by the points of the console's checklist."""
