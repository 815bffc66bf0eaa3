"""Everything that forgets a person. The top room: what is still to leave is taken back first."""
