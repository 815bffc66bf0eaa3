"""thread_reader: what a conversation says, in two sentences and a few spans."""
