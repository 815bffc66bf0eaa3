"""What is due in every workspace, and what a dead delivery left behind."""
